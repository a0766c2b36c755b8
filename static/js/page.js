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

  // A summary of faults takes the focus, so that a screen reader begins there.
  var faults = document.getElementById('faults');
  if (faults) faults.focus();
})();
