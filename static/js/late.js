// A volunteer's own scans that had no signal: {id, at, code}, kept on this phone and sent to /late-scans. Loaded by the pages of the door and by
// the page that opens without signal; by every other page only when something waits. On those the verdict is a line at the top.
(function () {
  'use strict';
  var Shulin = window.Shulin, shelf = Shulin.shelf;
  var place = document.querySelector('[data-late-place]');
  var told = [];

  var queue = new Shulin.Queue({ kind: 'late', url: document.currentScript.dataset.late, take: take, state: state });
  queue.shape = function (one) { return { id: one.id, at: one.at, code: one.code, typed: !!one.typed, place: one.place || undefined }; };

  function take(entry, result) {
    told.push({ at: entry.at, result: result });
    document.dispatchEvent(new CustomEvent('late-verdict', { detail: { entry: entry, result: result } }));
    if (!place) note(told.every(function (one) { return one.result.tone === 'yes'; }) ? 'yes' : 'warn', told.map(function (one) {
      var line = document.createElement(one.result.page ? 'a' : 'span');
      if (one.result.page) { line.href = one.result.page; line.className = 'more'; }
      line.textContent = when(one.at) + ' 的扫码上传了：' + one.result.title + (one.result.detail ? '，' + one.result.detail : '') + '。';
      return line;
    }));
  }

  function state(now) { document.dispatchEvent(new CustomEvent('late-state', { detail: now })); }

  function when(iso) {
    return new Date(iso).toLocaleString('zh-CN', { month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false });
  }

  function note(tone, lines) {
    var main = document.getElementById('main'), box = document.getElementById('late-note') || document.createElement('div');
    box.id = 'late-note';
    box.className = 'note note-top flow is-' + tone;
    box.setAttribute('role', 'status');
    box.textContent = '';
    lines.forEach(function (line) { box.appendChild(line); });
    main.parentNode.insertBefore(box, main);
    return box;
  }

  // Those that nobody was signed in for: whose they are is asked, never guessed.
  function orphans() {
    return shelf.all('out').then(function (all) { return all.filter(function (one) { return one.kind === 'late' && !one.who; }); });
  }

  function ask(all) {
    var words = document.createElement('span');
    words.textContent = '这部手机上有 ' + all.length + ' 次没信号时的扫码（' + when(all[0].at) + '），当时没登录。是您扫的吗？';
    var own = button('是我，上传', 'btn btn-ink', function () {
      return Promise.all(all.map(function (one) { one.who = Shulin.who(); return shelf.put('out', one); })).then(function () { return queue.flush(); });
    });
    var other = button('不是我', 'btn', function () {
      return Promise.all(all.map(function (one) { return shelf.remove('out', one.id); })).then(function () { queue.flush(); });
    });
    var box = note('info', [words, own, other]);
    function button(label, css, work) {
      var made = document.createElement('button');
      made.type = 'button';
      made.className = css;
      made.textContent = label;
      made.addEventListener('click', function () { box.remove(); work(); });
      return made;
    }
  }

  // What the scanner of an activity left behind when its page was closed; the verdicts are put where the scanner finds them again.
  function leftBehind() {
    return shelf.all('out').then(function (all) {
      var doors = {};
      all.forEach(function (one) { if (/^uploads-/.test(one.kind) && one.who === Shulin.who()) doors[one.kind] = one.to; });
      Object.keys(doors).forEach(function (kind) { send(kind, doors[kind]); });
    });
  }

  function send(kind, url) {
    var lines = [];
    var door = new Shulin.Queue({ kind: kind, url: url, take: function (entry, result) {
      lines.push(Shulin.Queue.line(entry, result, kind.slice(8)));
      return shelf.put('told', lines[lines.length - 1]);
    }, state: function (now) {
      if (now.waiting || !lines.length) return;
      var sum = Shulin.Queue.sum(lines);
      var line = document.createElement('a');
      line.href = url.replace(/uploads$/, 'scanner');
      line.className = 'more';
      line.textContent = sum.title + '，' + sum.detail + '。';
      note(sum.tone, [line]);
    } });
    door.shape = Shulin.Queue.scanned;
    door.keepGoing();
  }

  Shulin.late = {
    note: function (scan) { return queue.add(scan); },
    waiting: function () { return queue.waiting(); },
    forget: function (id) { return shelf.remove('out', id).catch(function () {}); }
  };
  if (Shulin.who()) {
    queue.keepGoing();
    leftBehind().catch(function () {});
    if (document.documentElement.dataset.who) orphans().then(function (all) { if (all.length) ask(all); }).catch(function () {});
  }
})();
