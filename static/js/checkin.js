// The page of a code posts itself once, when it was opened by a scan; a reload or a way back only shows the button. With no signal the scan is
// kept on this phone and sent when there is one, from this page or from the next that opens (late.js); the same id makes every try the same scan.
// Where nothing can be kept (no storage, nobody signed in, somebody else's code) the open page tries again by itself.
(function () {
  var form = document.querySelector('form[data-autopost]');
  if (!form || !window.fetch || !window.URLSearchParams) return;
  var Shulin = window.Shulin || {};
  var say = document.querySelector('[data-say]');
  var waiting = document.querySelector('[data-waiting]');
  var began = new Date().toISOString();
  var id = form.elements.id.value;
  var wait = 1000;
  var busy = false;
  var kept = false;
  var fence = Shulin.fence;  // where one stands: fence.js

  function send() {
    if (busy || kept) return;
    busy = true;
    form.querySelector('button').classList.add('htmx-request');
    say.textContent = '正在签到';
    fetch(form.action, {
      method: 'POST',
      body: new URLSearchParams(new FormData(form)),
      headers: { 'HX-Request': 'true' },
      credentials: 'same-origin'
    }).then(function (answer) {
      return answer.text().then(function (html) { show(answer, html); });
    }).catch(lost);
  }

  function lost() {
    busy = false;
    if (!form.dataset.code || !Shulin.late || !Shulin.who()) { again(); return; }
    kept = true;
    Shulin.late.note({ id: id, at: began, code: form.dataset.code, typed: form.dataset.typed === 'yes', place: fence ? fence.place() : null }).then(function () {
      say.textContent = '已存在本机';
      waiting.textContent = '没信号也没关系，已存在本机，联网后自动上传。这一页可以关掉，下次打开熟邻时会接着传。';
      waiting.hidden = false;
      form.hidden = true;
    }).catch(function () { kept = false; again(); });
  }

  function again() {
    form.querySelector('button').classList.remove('htmx-request');
    waiting.hidden = false;
    say.textContent = '暂时没有信号';
    setTimeout(send, wait);
    wait = Math.min(wait * 2, 30000);
  }

  // The answer to what was kept: the same page of the verdict as without the detour, or, where the signal is gone again, its words.
  document.addEventListener('late-verdict', function (event) {
    var result = event.detail.result;
    if (event.detail.entry.id !== id) return;
    fetch(result.page, { headers: { 'HX-Request': 'true' }, credentials: 'same-origin' }).then(function (answer) {
      if (!result.page || !answer.ok) throw new Error(answer.status);
      return answer.text().then(function (html) { show(answer, html, result.page); });
    }).catch(function () {
      say.textContent = result.title + (result.detail ? '，' + result.detail : '');
      waiting.hidden = true;
    });
  });

  function show(answer, html, where) {
    if (answer.status >= 500 || answer.headers.get('HX-Redirect')) { form.submit(); return; }
    var page = where || answer.headers.get('X-Page');
    var result = document.getElementById('result');
    result.innerHTML = html;
    result.dataset.fresh = '';  // page.js: the way back shows the state then
    if (page) history.replaceState(null, '', page);
    var touched = !navigator.userActivation || navigator.userActivation.hasBeenActive;
    if (navigator.vibrate && touched) navigator.vibrate(answer.ok ? 60 : [60, 60, 60]);
    var title = result.querySelector('h1');
    if (title) { title.tabIndex = -1; title.focus(); }
  }

  form.addEventListener('submit', function (event) {
    var gives = fence && event.submitter && event.submitter.hasAttribute('data-fence-give');
    event.preventDefault();
    if (gives) fence.ask().then(send); else send();
  });
  addEventListener('online', function () { if (!waiting.hidden) send(); });

  var entry = performance.getEntriesByType && performance.getEntriesByType('navigation')[0];
  var opened = entry ? entry.type === 'navigate' : !(performance.navigation && performance.navigation.type);
  if (opened && fence) fence.ready().then(function (may) { if (may) send(); });
  else if (opened) send();
})();
