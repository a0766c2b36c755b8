// The page of a code posts itself once, when it was opened by a scan; a reload or a way back only shows the button.
// With no signal it says so and tries again; the id in the form makes every try the same scan.
(function () {
  var form = document.querySelector('form[data-autopost]');
  if (!form || !window.fetch || !window.URLSearchParams) return;
  var say = document.querySelector('[data-say]');
  var waiting = document.querySelector('[data-waiting]');
  var wait = 1000;
  var busy = false;

  function send() {
    if (busy) return;
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
    }).catch(function () {
      busy = false;
      form.querySelector('button').classList.remove('htmx-request');
      waiting.hidden = false;
      say.textContent = '暂时没有信号';
      setTimeout(send, wait);
      wait = Math.min(wait * 2, 30000);
    });
  }

  function show(answer, html) {
    if (answer.status >= 500 || answer.headers.get('HX-Redirect')) { form.submit(); return; }
    var page = answer.headers.get('X-Page');
    var result = document.getElementById('result');
    result.innerHTML = html;
    if (page) history.replaceState(null, '', page);
    var touched = !navigator.userActivation || navigator.userActivation.hasBeenActive;
    if (navigator.vibrate && touched) navigator.vibrate(answer.ok ? 60 : [60, 60, 60]);
    var title = result.querySelector('h1');
    if (title) { title.tabIndex = -1; title.focus(); }
  }

  form.addEventListener('submit', function (event) { event.preventDefault(); send(); });
  addEventListener('online', function () { if (!waiting.hidden) send(); });

  var entry = performance.getEntriesByType && performance.getEntriesByType('navigation')[0];
  var opened = entry ? entry.type === 'navigate' : !(performance.navigation && performance.navigation.type);
  if (opened) send();
})();
