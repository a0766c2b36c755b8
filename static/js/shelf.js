// What this phone keeps: scans that wait (`out`), verdicts of the last ones (`told`), and by name what pages need without signal (`kept`).
// Used by pages and by the service worker. Everything is a promise; where the browser has no IndexedDB each one is refused.
(function (root) {
  'use strict';
  var Shulin = root.Shulin = root.Shulin || {};
  var STORES = { out: 'id', told: 'id', kept: 'name' };
  var PATIENCE = 5000;  // ms
  var opened = null;

  function open() {
    if (opened) return opened;
    opened = new Promise(function (done, fail) {
      if (!root.indexedDB) { fail(new Error('no IndexedDB')); return; }
      var asked = root.indexedDB.open('shulin', 1);
      asked.onupgradeneeded = function () {
        Object.keys(STORES).forEach(function (name) { asked.result.createObjectStore(name, { keyPath: STORES[name] }); });
      };
      setTimeout(function () { fail(new Error('slow')); }, PATIENCE);  // a profile that is locked answers never
      asked.onsuccess = function () {
        asked.result.onversionchange = asked.result.onclose = function () { opened = null; asked.result.close(); };
        done(asked.result);
      };
      asked.onerror = asked.onblocked = function () { fail(asked.error || new Error('blocked')); };
    });
    opened.catch(function () { opened = null; });
    return opened;
  }

  function within(name, mode, work) {
    return open().then(function (base) {
      return new Promise(function (done, fail) {
        var step = base.transaction(name, mode);
        var asked = work(step.objectStore(name));
        step.oncomplete = function () { done(asked.result); };
        step.onerror = step.onabort = function () { fail(step.error); };
      });
    });
  }

  Shulin.shelf = {
    put: function (name, value) { return within(name, 'readwrite', function (store) { return store.put(value); }); },
    get: function (name, key) { return within(name, 'readonly', function (store) { return store.get(key); }); },
    all: function (name) { return within(name, 'readonly', function (store) { return store.getAll(); }); },
    remove: function (name, key) { return within(name, 'readwrite', function (store) { return store.delete(key); }); },
    clear: function (name) { return within(name, 'readwrite', function (store) { return store.clear(); }); }
  };

  // An id for a scan, chosen by the phone: sending it twice is sending it once.
  Shulin.newId = function () {
    if (root.crypto.randomUUID) return root.crypto.randomUUID();
    var bytes = root.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = bytes[6] & 15 | 64;
    bytes[8] = bytes[8] & 63 | 128;
    var hex = Array.prototype.map.call(bytes, function (one) { return (one + 256).toString(16).slice(1); }).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  };

  // Who is signed in here, as the page says it; a page that came from this phone's own shelf goes by the last one that did.
  Shulin.who = function () {
    var said = root.document && root.document.documentElement.dataset.who;
    if (said !== undefined) return said;
    try { return root.localStorage.getItem('who') || ''; } catch (e) { return ''; }
  };
})(self);
