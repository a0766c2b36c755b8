// htmx from the CDN with its integrity hash; when that is blocked, slow or tampered with, the copy that set-up installed.
// With neither, every page still works by plain links and forms.
// htmx 2 inserted between DOMContentLoaded and load never initialises, so nothing is added before the document is complete.
(function () {
  var data = document.currentScript.dataset;
  var key = 'cdn-bad:' + data.cdn;
  var store = null;
  var settled = false;
  try { store = sessionStorage; } catch (e) { /* private mode: ask the CDN each time */ }

  function add(src, integrity, onerror) {
    function insert() {
      var script = document.createElement('script');
      script.src = src;
      if (integrity) { script.integrity = integrity; script.crossOrigin = 'anonymous'; }
      if (onerror) script.onerror = onerror;
      document.head.appendChild(script);
    }
    if (document.readyState === 'complete') insert();
    else addEventListener('load', insert, { once: true });
  }

  function local() {
    if (settled) return;
    settled = true;
    try { if (store) store.setItem(key, '1'); } catch (e) { /* full: no harm */ }
    add(data.local);
  }

  if ((store && store.getItem(key)) || !window.AbortController) { local(); return; }
  var abort = new AbortController();
  var timer = setTimeout(function () { abort.abort(); }, 1500);
  fetch(data.cdn, { mode: 'cors', credentials: 'omit', integrity: data.sri, signal: abort.signal })
    .then(function (answer) { if (!answer.ok) throw new Error(answer.status); return answer.arrayBuffer(); })
    .then(function () { clearTimeout(timer); add(data.cdn, data.sri, local); })
    .catch(local);
})();
