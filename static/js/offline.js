// The page that the phone itself opens when there is no signal, whatever address was asked for. On the address of a code it keeps the scan and
// sends it later; it shows 我的码; and it leads back as soon as there is a signal again.
(function () {
  'use strict';
  var Shulin = window.Shulin;
  var scanned = location.pathname.match(/\/c\/([^/]+(?:\/\d+)?)$/);
  var part = { scan: document.querySelector('[data-scanned]'), other: document.querySelector('[data-nothing]'), code: document.querySelector('[data-own]'), waits: document.querySelector('[data-waits]') };
  var SAME = 600000;  // ms: the same code opened again within this time is the same scan
  var AGAIN = 15000;  // ms
  var own = null, script = document.currentScript;
  try { document.documentElement.className = localStorage.getItem('look') || ''; } catch (e) { /* as it is */ }

  function say(tone, icon, title, words) {
    var card = part.scan.querySelector('[data-verdict]');
    card.className = 'verdict ' + tone;
    card.querySelectorAll('[data-icon-of]').forEach(function (one) { one.hidden = one.dataset.iconOf !== icon; });
    card.querySelector('[data-title]').textContent = title;
    card.querySelector('[data-words]').textContent = words;
  }

  function time(iso) { return new Date(iso).toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false }); }

  // It is said to be kept once it is: whoever reads that may close the page.
  function keep() {
    var code = decodeURIComponent(scanned[1]), typed = /[?&]by=typed/.test(location.search);
    part.scan.hidden = false;
    return Shulin.shelf.all('out').then(function (all) {
      return all.find(function (one) {
        return one.kind === 'late' && one.code === code && one.who === Shulin.who() && Date.now() - Date.parse(one.at) < SAME;
      }) || Shulin.late.note({ id: Shulin.newId(), at: new Date().toISOString(), code: code, typed: typed });
    }).then(function (entry) {
      own = entry;
      part.scan.querySelector('[data-at]').textContent = time(entry.at);
      part.scan.querySelector('[data-after]').hidden = false;
      say('is-kept', 'offline', '扫码存下了', Shulin.who() ? '没信号也没关系，已存在本机，联网后自动上传。' : '已存在本机。有信号后请登录熟邻，再上传。');
    }).catch(function () {
      say('is-no', 'no', '没存上', '这个浏览器不能存。请截图给现场人员看，报姓名和手机后四位也能签。');
    });
  }

  // What waits on this phone is told on every page; sent it is by the page itself, which then shows the verdict.
  function tell() {
    return Shulin.shelf.all('out').then(function (all) {
      var many = all.filter(function (one) { return one.who === Shulin.who() || !one.who; }).length;
      part.waits.hidden = !many;
      part.waits.querySelector('[data-many]').textContent = many;
      return many;
    }).catch(function () { return 0; });
  }

  // A browser does not always say that the signal is back: while something waits, the page is asked for now and then.
  function ask() {
    var stop = new AbortController(), timer = setTimeout(function () { stop.abort(); }, 8000);
    fetch(location.href, { method: 'HEAD', credentials: 'same-origin', cache: 'no-store', signal: stop.signal }).then(function (answer) {
      clearTimeout(timer);
      if (answer.status < 500) location.reload(); else setTimeout(ask, AGAIN);
    }).catch(function () { clearTimeout(timer); setTimeout(ask, AGAIN); });
  }

  document.addEventListener('late-verdict', function (event) {
    var result = event.detail.result;
    if (!own || event.detail.entry.id !== own.id) return;
    say(result.tone === 'yes' ? 'is-yes' : result.tone === 'no' ? 'is-no' : 'is-warn', result.tone === 'yes' ? 'yes' : result.tone === 'no' ? 'no' : 'clock',
      result.title, result.detail || '');
    var more = part.scan.querySelector('[data-more]');
    part.scan.querySelector('[data-after]').hidden = true;
    more.hidden = !result.page;
    if (result.page) more.href = result.page;
  });
  document.addEventListener('late-state', function (event) {
    var asks = /^(sign-in|stranger)$/.test(event.detail.trouble);
    part.scan.querySelector('[data-login]').hidden = !asks;
    if (asks && own) part.scan.querySelector('[data-words]').textContent = '请先登录，登录后自动上传。已存在本机，不会丢。';
  });
  document.addEventListener('my-code-drawn', function () { part.code.hidden = false; });

  function signal() { document.querySelector('[data-no-signal]').hidden = navigator.onLine; }
  signal();
  addEventListener('offline', signal);
  addEventListener('online', function () {
    signal();
    if (!scanned) { location.reload(); return; }
    if (!Shulin.who()) part.scan.querySelector('[data-login]').hidden = false;
  });

  if (/\/(me\/code|check-in)$/.test(location.pathname)) part.other.parentNode.insertBefore(part.code, part.other);
  part.other.hidden = !!scanned;
  if (scanned) {
    var late = document.createElement('script');
    late.src = script.dataset.later;
    late.dataset.late = script.dataset.lateTo;
    late.onload = keep;
    document.head.appendChild(late);
  } else tell().then(function (many) { if (many) setTimeout(ask, AGAIN); });
})();
