// The service worker. Served as /sw.js behind a line that sets self.SHELL = {version, files, page, scanner: {files, page}}.
// It keeps the shell only: styles, scripts, icons and two pages without anybody in them. No page of a person is ever kept; what the pages
// need without signal is in IndexedDB and is wiped at sign-out. Pages come from the network first.
(function () {
  'use strict';
  var NAME = 'shell-' + self.SHELL.version;
  var FILES = self.SHELL.files.concat(self.SHELL.scanner.files);
  var PATIENCE = 8000;  // ms for a page of the door; then the kept one

  self.addEventListener('install', function (event) {
    event.waitUntil(keep(self.SHELL).then(function () {
      return caches.match(self.SHELL.scanner.page);  // of the version before
    }).then(function (had) { return had ? keep(self.SHELL.scanner) : undefined; }).then(function () { return self.skipWaiting(); }));
  });

  // A phone that opens the scanner keeps its part too; it asks at each opening, so that a new version is kept whole again.
  self.addEventListener('message', function (event) {
    if (event.data === 'keep the scanner') event.waitUntil(keep(self.SHELL.scanner));
  });

  function keep(part) {
    return caches.open(NAME).then(function (kept) {
      return kept.match(part.page).then(function (there) {
        if (there) return undefined;
        // One after the other: a slow server and six connections at most, and the next page that is opened must not stand behind thirty files.
        return part.files.reduce(function (before, file) {
          return before.then(function () { return kept.match(file); }).then(function (had) { return had || kept.add(file); });
        }, Promise.resolve()).then(function () {  // nobody's page: asked for without the cookie, and last, for it says that all is there
          return kept.add(new Request(part.page, { credentials: 'omit', cache: 'reload' }));
        });
      });
    });
  }

  self.addEventListener('activate', function (event) {
    event.waitUntil(caches.keys().then(function (names) {
      return Promise.all(names.filter(function (name) { return /^shell-/.test(name) && name !== NAME; }).map(function (name) { return caches.delete(name); }));
    }).then(function () {
      return self.registration.navigationPreload ? self.registration.navigationPreload.enable() : undefined;
    }).then(function () { return self.clients.claim(); }));
  });

  self.addEventListener('fetch', function (event) {
    var request = event.request, url = new URL(request.url);
    if (request.method !== 'GET' || url.origin !== self.location.origin) return;
    if (request.mode === 'navigate') event.respondWith(page(event, url));
    else if (FILES.indexOf(url.pathname + url.search) >= 0) event.respondWith(file(request));
  });

  function file(request) {
    return caches.match(request).then(function (held) { return held || fetch(request); });
  }

  // The network's answer; the kept page when there is none. A gateway that finds no server behind it counts as none at the door.
  function page(event, url) {
    var door = /\/c\/[^/]+(\/\d+)?$|\/scanner$/.test(url.pathname);
    var asked = Promise.resolve(event.preloadResponse).then(function (answer) { return answer || fetch(event.request); });
    var late = new Promise(function (_, fail) { if (door) setTimeout(function () { fail(new Error('slow')); }, PATIENCE); });
    return Promise.race([asked, late]).then(function (answer) {
      return door && answer.status >= 502 && answer.status <= 504 ? kept(url).then(function (held) { return held || answer; }) : answer;
    }).catch(function (error) {
      return kept(url).then(function (held) { if (held) return held; throw error; });
    });
  }

  function kept(url) {
    var scanner = /\/activities\/\d+\/scanner$/.test(url.pathname) ? caches.match(self.SHELL.scanner.page) : Promise.resolve();
    return scanner.then(function (held) { return held || caches.match(self.SHELL.page); });
  }
})();
