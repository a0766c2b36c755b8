// What every page needs beyond links and forms. Each part works on attributes and does nothing where they are absent.
(function () {
  // A form that was sent once is not sent twice by an impatient thumb; the button shows the wait.
  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.hasAttribute('data-many')) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = '1';
    var button = event.submitter;
    if (button) button.classList.add('htmx-request');
    setTimeout(function () { delete form.dataset.sent; if (button) button.classList.remove('htmx-request'); }, 8000);
  });
  addEventListener('pageshow', function (event) {
    if (!event.persisted) return;
    if (document.querySelector('[data-fresh]')) { location.reload(); return; }  // a verdict that the browser kept may be none any more
    document.querySelectorAll('form[data-sent]').forEach(function (form) { delete form.dataset.sent; });
    document.querySelectorAll('.btn.htmx-request').forEach(function (button) { button.classList.remove('htmx-request'); });
  });

  // <button data-copy="#id">: copies the text of another element and says so.
  document.addEventListener('click', function (event) {
    var button = event.target.closest && event.target.closest('[data-copy]');
    if (!button) return;
    var source = document.querySelector(button.dataset.copy);
    var text = source.value !== undefined ? source.value : source.textContent;
    function done() { button.querySelector('[data-said]').textContent = '已复制'; }
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, select); else select();
    function select() {
      if (source.select) { source.focus(); source.select(); if (document.execCommand('copy')) done(); }
    }
  });

  // <button data-print>: the browser's own print dialogue.
  document.addEventListener('click', function (event) {
    if (event.target.closest && event.target.closest('[data-print]')) window.print();
  });

  // What this phone keeps belongs to who is signed in. It goes when they sign out, and when somebody else comes; scans that wait stay for their owner,
  // unless the one who signs out was told. A session that merely ended loses nothing that waits.
  var html = document.documentElement, who = html.dataset.who, own = document.currentScript.dataset;
  var LEAVES = /\/(sign-out|me\/devices\/departure)$/;
  function lose(everything) {
    if (!window.indexedDB) return;
    if (everything) { indexedDB.deleteDatabase('shulin'); localStorage.removeItem('waits'); return; }
    var asked = indexedDB.open('shulin', 1);
    asked.onupgradeneeded = function () { asked.transaction.abort(); };
    asked.onerror = function (event) { event.preventDefault(); };
    asked.onsuccess = function () {
      var step = asked.result.transaction(['kept', 'told'], 'readwrite');
      step.objectStore('kept').clear();
      step.objectStore('told').clear();
      step.oncomplete = function () { asked.result.close(); };
    };
  }
  try {
    if (who !== undefined) {
      var before = localStorage.getItem('who') || '', left = localStorage.getItem('left');
      if (left && !who) lose(true); else if (before && before !== who) lose(false);
      localStorage.removeItem('left');
      localStorage.setItem('who', who);
      if (!document.querySelector('[data-scanner]')) localStorage.setItem('look', html.className);
    }
    document.addEventListener('submit', function (event) {
      if (event.defaultPrevented || !LEAVES.test(event.target.action)) return;
      var waits = localStorage.getItem('waits');
      if (waits && !confirm('这部手机上还有扫码没上传，退出后会删掉。现在就退出吗？')) { event.preventDefault(); event.stopImmediatePropagation(); return; }
      localStorage.setItem('left', '1');
    }, true);
    if (who && localStorage.getItem('waits') && !document.querySelector('script[data-late], script[src*="js/queue.js"]')) {
      addEventListener('load', function () {
        [own.shelf, own.queue, own.later].forEach(function (source) {
          var added = document.createElement('script');
          added.src = source;
          added.async = false;
          if (source === own.later) added.dataset.late = own.lateTo;
          document.head.appendChild(added);
        });
      });
    }
  } catch (e) { /* no storage: nothing is kept */ }
  if (who && own.worker && navigator.serviceWorker) {
    addEventListener('load', function () { navigator.serviceWorker.register(own.worker).catch(function () { /* a private window */ }); });
  }

  // A summary of faults takes the focus, so that a screen reader begins there.
  var faults = document.getElementById('faults');
  if (faults) faults.focus();
})();
