// 在这里打开相机, on the tab of a volunteer: reads the code of a poster or a screen and goes to its address. What it needs is loaded at the first tap.
(function () {
  'use strict';
  var part = document.querySelector('[data-lens]');
  if (!part || !window.isSecureContext || !navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) return;
  var button = part.querySelector('button'), view = part.querySelector('[data-view]'), said = part.querySelector('[data-said]');
  var camera = null, gone = false;
  part.hidden = false;

  function load(source) {
    return new Promise(function (done, fail) {
      var added = document.createElement('script');
      added.src = source;
      added.onload = done;
      added.onerror = fail;
      document.head.appendChild(added);
    });
  }

  // Only an address of this site's codes is followed, and only as its path.
  function found(text) {
    var path = text.match(/^https?:\/\/[^/]+(\/(?:[^?#]*\/)?c\/[\w-]{4,20}(?:\/\d{1,2})?)(\?[\w=&-]*)?$/);
    if (gone) return;
    if (!path) { said.textContent = '这不是签到码，请对准海报或大屏上的码'; return; }
    gone = true;
    camera.stop();
    location.href = path[1] + (path[2] || '');
  }

  button.addEventListener('click', function () {
    button.classList.add('htmx-request');
    Promise.all([load(part.dataset.scanner), load(part.dataset.camera)]).then(function () {
      camera = new window.Shulin.Camera(part.querySelector('video'), part.dataset.worker, found);
      view.hidden = false;
      return camera.start();
    }).then(function () {
      button.hidden = true;
      said.textContent = '对准海报或大屏上的码';
    }).catch(function () {
      view.hidden = true;
      button.hidden = true;
      said.textContent = '这里打不开相机，请用上面微信扫一扫的办法，或输短码';
    }).then(function () { button.classList.remove('htmx-request'); });
  });
})();
