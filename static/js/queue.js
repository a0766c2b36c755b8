// A queue of scans that survives a lost signal, a closed page and a flat battery: each is stored first, then sent in batches, and removed
// only when the server has answered for it. The server knows each by its id, so sending again changes nothing.
//
//   new Shulin.Queue({kind, url, take(entry, result), state(state)})
//   `kind` separates queues in one store; `take` may return a promise that is waited for before the entry is removed.
//   `state` is told {waiting, trouble} with trouble '' | 'signal' | 'sign-in' | 'stranger' | 'server'.
(function (root) {
  'use strict';
  var Shulin = root.Shulin, shelf = Shulin.shelf;
  var BATCH = 50, PATIENCE = 12000, SLOWEST = 60000;

  function Queue(options) {
    this.kind = options.kind;
    this.url = options.url;
    this.take = options.take;
    this.state = options.state || function () {};
    this.trouble = '';
    this.wait = 1000;
    this.timer = null;
    this.running = null;
    this.again = false;
  }

  // Resolves when the entry is safe on this phone; sending begins by itself for who is signed in.
  Queue.prototype.add = function (entry) {
    var queue = this;
    entry.kind = this.kind;
    entry.to = this.url;
    entry.who = Shulin.who();
    return shelf.put('out', entry).then(function () {
      Shulin.mark(true);
      queue.tell();
      if (entry.who) queue.flush();
      return entry;
    });
  };

  // Those that wait here and belong to who is signed in now, the oldest first.
  Queue.prototype.waiting = function () {
    var kind = this.kind, who = Shulin.who();
    return shelf.all('out').then(function (all) {
      return all.filter(function (one) { return one.kind === kind && one.who === who; })
        .sort(function (one, other) { return one.at < other.at ? -1 : 1; });
    });
  };

  Queue.prototype.tell = function () {
    var queue = this;
    return this.waiting().then(function (all) {
      queue.state({ waiting: all.length, trouble: queue.trouble, entries: all });
      return all;
    }).catch(function () {});
  };

  // One at a time, also between tabs and the service worker; what is added meanwhile is sent before it ends.
  Queue.prototype.flush = function () {
    var queue = this;
    if (this.running) { this.again = true; return this.running; }
    clearTimeout(this.timer);
    this.running = Shulin.alone('send-' + this.kind, function () { return queue.send(); }).catch(function (error) {
      queue.trouble = error.trouble || 'signal';
      queue.pause(error.after);
    }).then(function () {
      queue.running = null;
      var more = queue.again && !queue.trouble;
      queue.again = false;
      queue.tell();
      return more ? queue.flush() : undefined;
    });
    return this.running;
  };

  Queue.prototype.pause = function (after) {
    var queue = this;
    clearTimeout(this.timer);
    this.timer = setTimeout(function () { queue.flush(); }, after || this.wait);
    this.wait = Math.min(this.wait * 2, SLOWEST);
  };

  Queue.prototype.send = async function () {
    var single = false, open = {}, left = 0;  // `open`: asked in this round and not answered; they wait for the next one
    for (;;) {
      var batch = (await this.waiting()).filter(function (one) { return !open[one.id]; }).slice(0, single ? 1 : BATCH);
      if (!batch.length) break;
      var answer = await this.post(batch);
      if (answer === null) {  // the server can not read it: alone, so that the others get through
        if (batch.length === 1) await this.drop(batch[0]);
        else single = true;
        continue;
      }
      var byId = {};
      (answer.results || []).forEach(function (one) { byId[one.id] = one; });
      for (var entry of batch) {
        if (!byId[entry.id]) { open[entry.id] = true; left += 1; continue; }
        try { await this.take(entry, byId[entry.id], answer); } catch (e) { root.console.warn(e); }  // it is recorded, shown or not
        await shelf.remove('out', entry.id);
      }
    }
    if (left) throw Object.assign(new Error('no answer'), { trouble: 'server' });
    this.trouble = '';
    this.wait = 1000;
    if (!(await shelf.all('out')).length) Shulin.mark(false);
  };

  Queue.prototype.drop = async function (entry) {
    var told = { id: entry.id, outcome: 'unknown', tone: 'no', title: '没办成', name: entry.name || '', detail: '这一条读不出，请再扫一次', undo: null };
    await this.take(entry, told, {});
    await shelf.remove('out', entry.id);
  };

  // The answer; null where the server can not read the batch (422). Throws with `trouble` for everything that may get better.
  Queue.prototype.post = async function (batch) {
    var stop = new AbortController();
    var timer = setTimeout(function () { stop.abort(); }, PATIENCE);
    var scans = batch.map(this.shape || function (one) { return one; });
    try {
      var answer = await fetch(this.url, {
        method: 'POST', credentials: 'same-origin', signal: stop.signal,
        headers: { 'Content-Type': 'application/json', 'Accept': 'application/json' },
        body: JSON.stringify({ sent_at: new Date().toISOString(), scans: scans })
      });
      if (answer.status === 422) return null;
      var json = /json/.test(answer.headers.get('Content-Type') || '');
      if (answer.ok && json) return await answer.json();
      var trouble = answer.status === 401 || answer.ok ? 'sign-in' : answer.status === 403 || answer.status === 404 ? 'stranger' : 'server';
      throw Object.assign(new Error(answer.status), { trouble: trouble, after: 1000 * (answer.headers.get('Retry-After') || 0) });
    } finally {
      clearTimeout(timer);
    }
  };

  // At load, with the signal, when the page is looked at again, and every few seconds while something waits.
  Queue.prototype.keepGoing = function () {
    var queue = this;
    function now() { queue.wait = 1000; queue.flush(); }
    root.addEventListener('online', now);
    root.document.addEventListener('visibilitychange', function () { if (!root.document.hidden) now(); });
    now();
  };

  // What the server is told of a scan of the organiser's scanner.
  Queue.scanned = function (one) {
    return one.code === undefined ? { id: one.id, at: one.at, name: one.name, tail: one.tail, gate: one.gate }
      : { id: one.id, at: one.at, code: one.code, gate: one.gate };
  };

  // A line of 刚才: the verdict with what only this phone knows. A name that was not found stays with its digits, to be corrected.
  Queue.line = function (entry, result, activity) {
    var line = Object.assign({}, result, { at: entry.at, activity: activity, name: result.name || entry.name || '' });
    if (entry.name && result.tone === 'no' && result.outcome === 'unknown') line.typed = { name: entry.name, tail: entry.tail };
    return line;
  };

  // What came of those that waited, in one sentence whose parts add up.
  Queue.sum = function (lines) {
    function many(tone) { return lines.filter(function (one) { return one.tone === tone; }).length; }
    var good = many('yes'), before = many('already'), rest = lines.length - good - before;
    var parts = [good && good + ' 位成了', before && before + ' 位早签过了', rest && rest + ' 位要看一下'].filter(Boolean);
    return { tone: rest || before ? 'warn' : 'yes', title: '补传了 ' + lines.length + ' 位', detail: parts.join('，') };
  };

  Shulin.Queue = Queue;

  Shulin.alone = function (name, work) {
    return root.navigator.locks ? root.navigator.locks.request(name, work) : Promise.resolve().then(work);
  };

  // A mark that every page sees without opening the database: something waits on this phone.
  Shulin.mark = function (waits) {
    try { if (waits) root.localStorage.setItem('waits', '1'); else root.localStorage.removeItem('waits'); } catch (e) { /* no storage */ }
  };
})(self);
