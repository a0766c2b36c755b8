// 我的码, drawn in the page and renewed each minute, also without signal: from a key that belongs to this session and lies on this phone in a
// form that no script can read out. The server's own drawing stands for its first moments, and without scripts.
(function () {
  'use strict';
  var Shulin = window.Shulin, place = document.querySelector('[data-my-code]');
  var subtle = window.crypto && window.crypto.subtle;
  if (!place || !Shulin || !subtle || !window.fetch) return;
  var PATIENCE = 12000;  // ms for the key; then the one that is kept
  var LATER = 10000;  // ms: what draws is no part of the first view
  var script = document.currentScript, drawer = null, held = null, shown = '';

  function fetched() {
    var stop = window.AbortController ? new AbortController() : null, timer = stop && setTimeout(function () { stop.abort(); }, PATIENCE);
    var asked = { credentials: 'same-origin', cache: 'no-store', headers: { Accept: 'application/json' }, signal: stop ? stop.signal : undefined };
    return fetch(script.dataset.key, asked).then(function (answer) {
      clearTimeout(timer);
      if (answer.status === 401 || answer.status === 403) return Shulin.shelf.remove('kept', 'my-code').then(function () { throw new Error('out'); });
      if (!answer.ok) throw new Error(answer.status);
      var off = Date.parse(answer.headers.get('Date')) - Date.now();
      return answer.json().then(function (said) {
        return subtle.importKey('raw', bytes(said.key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']).then(function (key) {
          var made = { name: 'my-code', who: Shulin.who(), key: key, id: said.id, step: said.step, prefix: said.prefix, off: Math.abs(off) > 2000 ? off : 0 };
          return Shulin.shelf.put('kept', made).catch(function () {}).then(function () { return made; });
        });
      });
    });
  }

  function stored() {
    return Shulin.shelf.get('kept', 'my-code').then(function (made) { return made && made.who === Shulin.who() ? made : null; });
  }

  function bytes(text) {
    var raw = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    return Uint8Array.from(raw, function (one) { return one.charCodeAt(0); });
  }

  function draw() {
    if (!held || !window.qrcode) return Promise.resolve(false);
    var step = Math.floor((Date.now() + held.off) / 1000 / held.step).toString(36), words = held.id + '.' + step;
    if (shown === words) return Promise.resolve(true);
    return subtle.sign('HMAC', held.key, new TextEncoder().encode(words)).then(function (signed) {
      var proof = btoa(String.fromCharCode.apply(null, new Uint8Array(signed))).replace(/\+/g, '-').replace(/\//g, '_').slice(0, 16);
      put(held.prefix + 'T' + words + '.' + proof);
      shown = words;
      return true;
    });
  }

  function put(address) {
    var code = window.qrcode(0, 'M'), path = '';
    code.addData(address);
    code.make();
    var size = code.getModuleCount(), name = 'http://www.w3.org/2000/svg';
    for (var y = 0; y < size; y++) for (var x = 0; x < size; x++) if (code.isDark(y, x)) path += 'M' + x + ' ' + y + 'h1v1h-1z';
    var svg = document.createElementNS(name, 'svg'), dots = document.createElementNS(name, 'path');
    svg.setAttribute('class', 'qr');
    svg.setAttribute('viewBox', '0 0 ' + size + ' ' + size);
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', '我的码');
    dots.setAttribute('d', path);
    svg.appendChild(dots);
    place.textContent = '';
    place.appendChild(svg);
    place.hidden = false;
  }

  function library() {
    if (window.qrcode) return Promise.resolve();
    if (!drawer) drawer = new Promise(function (done, fail) {
      var added = document.createElement('script');
      added.src = script.dataset.drawer;
      added.onload = done;
      added.onerror = fail;
      document.head.appendChild(added);
    });
    return drawer;
  }

  function begin() {
    var online = !!script.dataset.key;
    var first = online ? fetched().catch(function (error) { if (error.message === 'out') throw error; online = false; return stored(); }) : stored();
    first.then(function (made) {
      held = made;
      if (!held) throw new Error('no key');
      return online ? new Promise(function (done) { setTimeout(done, LATER); }) : undefined;
    }).then(library).then(draw).then(function () {
      document.dispatchEvent(new CustomEvent('my-code-drawn'));
    }).catch(function () { /* the server's drawing, or none */ });
    setInterval(draw, 1000);
    document.addEventListener('visibilitychange', draw);
  }

  // What the page would ask the server for each minute is made here.
  place.addEventListener('htmx:beforeRequest', function (event) { if (shown) event.preventDefault(); });
  if (document.readyState === 'complete') begin(); else addEventListener('load', begin);
})();
