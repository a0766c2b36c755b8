// The organiser's scanner. Each code is stored on this phone first, then sent (queue.js); the verdict comes with the answer, at once or when the
// signal is back. Decoding never waits for anything, so one person a second needs no touch, and a code that is bad, or held still, is told once.
(function () {
  'use strict';
  var Shulin = window.Shulin, shelf = Shulin.shelf;
  var root = document.querySelector('[data-scanner]');
  if (!root || !window.fetch) return;
  root.hidden = false;

  var IN_VIEW = 3000;   // ms: a code seen again within this time is still the same one before the lens
  var AGAIN = 6000;     // ms: nor is it sent again sooner than this
  var LATE = 15000;     // ms: a verdict that comes later than this goes into the list, not over the whole screen
  var TWO_DAYS = 172800000;
  var COUNTS = 10000;   // ms
  var REMEMBERED = 30;  // verdicts

  function find(name) { return root.querySelector('[data-' + name + ']'); }
  var activity = root.dataset.activity || (location.pathname.match(/\/activities\/(\d+)\/scanner/) || [])[1];
  var base = root.dataset.base.replace(/\/$/, '') + '/' + activity;
  var seen = new Map();
  var caught = [];       // verdicts of what waited, until they are summed up
  var made = new Map();  // when this page made a scan; one that waited for the signal is no more among them
  var again = null;      // the line of a name that is being corrected
  var shut = root.hasAttribute('data-shut');
  var practice = find('practice');
  var gate = find('gate');
  var known = null;  // what is kept of this activity for a page without signal

  var verdicts = new Shulin.Verdicts(root, { undo: undo, depart: depart, retry: retry });
  var queue = new Shulin.Queue({ kind: 'uploads-' + activity, url: base + '/uploads', take: take, state: state });
  queue.shape = Shulin.Queue.scanned;
  var camera = new Shulin.Camera(find('video'), root.dataset.worker, found);
  Shulin.scanner = { camera: camera, base: base, show: function (verdict) { verdicts.show(verdict); } };

  // ---- what the lens sees

  function found(text) {
    var now = Date.now(), before = seen.get(text);
    if (before) {
      var still = now - before.last < IN_VIEW;
      before.last = now;
      if (still || now - before.sent < AGAIN) return;
    }
    seen.set(text, { last: now, sent: now });
    if (seen.size > 400) seen.delete(seen.keys().next().value);
    judge(text);
  }

  function judge(text) {
    if (practice.checked) { verdicts.show({ tone: 'yes', title: '练习成功', name: '', detail: '没有上传' }); return; }
    if (!ours(text)) {  // a code to pay with is nobody's business: it is neither kept nor sent
      verdicts.show({ tone: 'no', title: '不是签到码', name: '', detail: '请街坊打开“签到”，给您看“我的码”' });
      return;
    }
    scan({ code: text });
  }

  function ours(text) {
    if (text.length > 400) return false;
    try {
      var given = new URL(text);
      return /^https?:$/.test(given.protocol) && (given.host === location.host || /^\/[a-z]{1,2}\//.test(given.pathname));
    } catch (e) {
      return /^[\w.~-]{4,200}$/.test(text);
    }
  }

  function scan(what) {
    var entry = Object.assign({ id: Shulin.newId(), at: new Date().toISOString(), gate: gate.value ? Number(gate.value) : null }, what);
    made.set(entry.id, Date.now());
    return queue.add(entry).then(function () {
      var line = { id: entry.id, at: entry.at, tone: 'stored', title: '已存在本机', name: entry.name || '', detail: '联网后自动上传' };
      if (!navigator.onLine || queue.trouble) { verdicts.show(line); verdicts.list(line); return; }
      setTimeout(function () {  // the answer takes long: say that it is safe
        if (!verdicts.last.some(function (one) { return one.id === entry.id; })) { verdicts.show(line); verdicts.list(line); }
      }, 1500);
    }).catch(function () {  // no storage (private mode, full): straight to the server, and said when that fails
      entry.kind = queue.kind;
      return queue.post([entry]).then(function (answer) { if (answer) return take(entry, answer.results[0], answer); throw new Error('unread'); })
        .catch(function () { verdicts.show({ tone: 'no', title: '没存上', name: '', detail: '这个浏览器不能存，又没有信号。请记下名字' }); });
    });
  }

  // ---- what the server says

  function take(entry, result, answer) {
    var line = Shulin.Queue.line(entry, result, activity);
    if (Date.now() - made.get(entry.id) < LATE) verdicts.show(line); else caught.push(line);
    made.delete(entry.id);
    verdicts.list(line);
    if (answer.counts) counts(answer.counts);
    return remember(line);
  }

  function remember(line) {
    return shelf.put('told', line).then(function () { return shelf.all('told'); }).then(function (all) {
      all.sort(function (one, other) { return one.at < other.at ? 1 : -1; });
      var old = all.filter(function (one, place) { return one.typed ? Date.now() - Date.parse(one.at) > TWO_DAYS : place >= REMEMBERED; });
      return Promise.all(old.map(function (one) { return shelf.remove('told', one.id); }));
    }).catch(function () {});
  }

  function undo(line) {
    follow(line, line.undo, '还没撤销', function (result) {
      verdicts.show({ tone: 'warn', title: result.title || '已撤销', name: line.name, detail: result.detail || '' }, true);
      return Object.assign({}, line, result, { id: line.id, at: line.at, undo: null, depart: null, undone: true });
    });
  }

  function depart(line) {
    follow(line, line.depart, '还没签退', function (result) {
      verdicts.show(Object.assign({}, result, { depart: null }), true);
      return Object.assign({}, line, result, { id: line.id, at: line.at, depart: null });
    });
  }

  // One more step with a scan that was answered; `step` shows it and returns the line as it is now.
  function follow(line, url, failed, step) {
    fetch(url, { method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json', 'Accept': 'application/json' }, body: '{}' })
      .then(function (answer) { return answer.json().then(function (said) { if (!answer.ok) throw { said: said.error || '请到现场页办' }; return said; }); })
      .then(function (result) {
        var now = step(result);
        verdicts.list(now);
        askCounts();
        return remember(now);
      })
      .catch(function (error) {
        verdicts.draw();
        verdicts.show({ tone: 'warn', title: failed, name: line.name, detail: error.said || '没有信号，联网后再点一次' }, true);
      });
  }

  // A name that was not found is typed once more; it counts from when it was typed first.
  function retry(line) {
    var form = find('typed'), when = new Date(line.at).toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false });
    correcting(line);
    find('again-said').textContent = '改 ' + when + ' 的这一位，改对了，还从那时算起。';
    openByName(true, true);
    form.elements.name.value = line.typed.name;
    form.elements.tail.value = line.typed.tail;
    form.elements.name.focus();
    form.scrollIntoView({ block: 'center' });
  }

  function correcting(line) {
    again = line;
    find('again').hidden = !line;
    if (!line) find('typed').reset();
  }

  function counts(given) {
    ['arrived', 'inside', 'visitors'].forEach(function (name) {
      if (given[name] !== undefined) root.querySelector('[data-count="' + name + '"]').textContent = given[name];
    });
    root.querySelector('[data-count="expected"]').textContent = given.expected ? '报名的 ' + (given.signed_up || 0) + '/' + given.expected : '';
    if (known) { known.counts = given; shelf.put('kept', known).catch(function () {}); }
  }

  function askCounts() {
    if (document.hidden || !navigator.onLine) return Promise.resolve();
    return fetch(base + '/counts', { credentials: 'same-origin', headers: { Accept: 'application/json' } })
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (said) { if (said && said.counts) counts(said.counts); })
      .catch(function () {});
  }

  // ---- what waits

  var TROUBLE = {
    '': '正在上传。', signal: '没信号也没关系，已存在本机，联网后自动上传。', server: '熟邻这会儿没应，已存在本机，会自动再传。',
    'sign-in': '请先登录，登录后自动上传。都还存在本机。', stranger: '这个账号现在不管这一场，请组织者来登录。都还存在本机。'
  };
  function state(now) {
    if (now.trouble || !navigator.onLine) now.entries.forEach(function (one) { made.delete(one.id); });
    var note = find('queue'), offline = !navigator.onLine || now.trouble === 'signal', old = now.entries[0] && Date.now() - Date.parse(now.entries[0].at) > 2500;
    note.hidden = !(now.waiting && (now.trouble || offline || old)) && !/^(sign-in|stranger)$/.test(now.trouble);
    find('waiting').textContent = now.waiting + ' 位还没上传';
    find('trouble').textContent = TROUBLE[offline ? 'signal' : now.trouble] || TROUBLE.server;
    find('to-sign-in').hidden = !/^(sign-in|stranger)$/.test(now.trouble);
    find('to-sign-in').href = root.dataset.signIn + '?next=' + encodeURIComponent(location.pathname);
    document.querySelector('[data-signal]').hidden = !offline;
    if (!now.waiting && caught.length) {
      var sum = Shulin.Queue.sum(caught);
      verdicts.show({ tone: sum.tone, title: sum.title, name: '', detail: sum.detail + (sum.tone === 'yes' ? '' : '，在下面“刚才”里') });
      caught = [];
    }
  }

  // ---- the parts of the page

  function run() {
    var start = find('start'), fault = find('fault');
    start.classList.add('htmx-request');
    return camera.start().then(function () {
      find('over').hidden = true;
      return camera.light();
    }).then(function (light) {
      if (light !== undefined) find('light').hidden = !light;
    }).catch(function (reason) {
      fault.textContent = Shulin.Camera.words[reason] || Shulin.Camera.words.none;
      fault.hidden = false;
      start.hidden = reason === 'none' || reason === 'insecure';
      openByName(true, true);
    }).then(function () { start.classList.remove('htmx-request'); });
  }
  Shulin.scanner.run = run;

  function openByName(open, calmly) {
    find('typed').hidden = !open;
    find('by-name').setAttribute('aria-expanded', String(open));
    if (open && !calmly) find('typed').querySelector('input').focus();
  }

  find('start').addEventListener('click', run);
  find('by-name').addEventListener('click', function () { openByName(find('typed').hidden); });
  find('light').addEventListener('click', function () {
    camera.switchLight().then(function () { return camera.light(); }).then(function (light) {
      find('light').setAttribute('aria-pressed', String(light === 'on'));
    }).catch(function () { find('light').hidden = true; });
  });

  function showMuted() {
    var quiet = Shulin.sounds.muted();
    find('mute').setAttribute('aria-pressed', String(quiet));
    find('loud').hidden = quiet;
    find('quiet').hidden = !quiet;
  }
  find('mute').addEventListener('click', function () { Shulin.sounds.muted(!Shulin.sounds.muted()); showMuted(); });
  showMuted();

  find('photo').addEventListener('change', function (event) {
    var file = event.target.files[0];
    if (!file) return;
    camera.photo(file).then(judge).catch(function () {
      verdicts.show({ tone: 'no', title: '照片里没认出码', name: '', detail: '靠近一点、对正了再拍，或按姓名' });
    });
    event.target.value = '';
  });

  find('typed').addEventListener('submit', function (event) {
    event.preventDefault();
    var form = event.target, name = form.elements.name.value.trim(), tail = form.elements.tail.value.trim(), fault = find('typed-fault');
    var wrong = !name ? '请填姓名' : !/^\d{4}$/.test(tail) ? '请填手机号的后四位数字' : '';
    fault.hidden = !wrong;
    fault.querySelector('span').textContent = wrong;
    if (wrong) { (name ? form.elements.tail : form.elements.name).focus(); return; }
    if (practice.checked) judge('');
    else if (again) {
      var before = again;
      scan({ name: name, tail: tail, at: before.at }).then(function () { verdicts.forget(before.id); return shelf.remove('told', before.id); }).catch(function () {});
    } else scan({ name: name, tail: tail });
    correcting(null);
    form.elements.name.focus();
  });

  find('again-off').addEventListener('click', function () { correcting(null); });

  try { gate.value = localStorage.getItem('gate-' + activity) || ''; } catch (e) { /* each time anew */ }
  gate.addEventListener('change', function () { try { localStorage.setItem('gate-' + activity, gate.value); } catch (e) { /* for this page */ } });

  // ---- what this page must know without signal: kept when it was opened with one, read when it comes from the phone's own shelf

  function settle() {
    var name = 'scanner-' + activity, title = document.querySelector('[data-title]');
    if (root.dataset.activity) {
      var gates = Array.prototype.slice.call(gate.options, 1).map(function (one) { return { id: one.value, name: one.text }; });
      known = { name: name, who: Shulin.who(), title: title.textContent, gates: gates };
      return shelf.put('kept', known);
    }
    document.querySelector('.top a').href = base + '/door';
    find('help').href = base + '/door#help';
    return shelf.get('kept', name).then(function (held) {
      if (!held || held.who !== Shulin.who()) return;
      known = held;
      title.textContent = held.title;
      if (held.counts) counts(held.counts);
      held.gates.forEach(function (one) { gate.add(new Option(one.name, one.id)); });
      find('gate-field').hidden = !held.gates.length;
      gate.value = localStorage.getItem('gate-' + activity) || '';
    });
  }

  settle().catch(function () {});
  if (navigator.serviceWorker) navigator.serviceWorker.ready.then(function (there) { there.active.postMessage('keep the scanner'); });
  shelf.all('told').then(function (all) {
    all.filter(function (one) { return one.activity === activity; }).forEach(function (one) { verdicts.list(one); });
  }).catch(function () {});
  queue.keepGoing();
  queue.tell();
  setInterval(function () { queue.tell(); }, 3000);
  setInterval(askCounts, COUNTS);
  addEventListener('offline', function () { queue.tell(); });
  askCounts();
  if (shut) return;
  if (!camera.fault() && navigator.permissions) {
    navigator.permissions.query({ name: 'camera' }).then(function (right) { if (right.state === 'granted') run(); }).catch(function () {});
  } else if (camera.fault()) {
    run();
  }
})();
