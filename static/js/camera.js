// The camera in the page, through qr-scanner. `play()` is called by ourselves and the video is `playsinline muted`: WeChat on iOS waits for both.
// The decoder is the phone's own where it has one, else a worker that is a file of this site (the policy allows no other).
(function () {
  'use strict';
  var Shulin = window.Shulin = window.Shulin || {};
  var WORDS = {
    none: '这里打不开相机。微信里常常这样：点右上角 ⋯，选“在浏览器打开”；或用下面的办法。',
    insecure: '网址不是 https，浏览器不给用相机。请用下面的办法。',
    denied: '没有给相机权限。请在浏览器的设置里允许用相机，再打开这一页；或用下面的办法。',
    busy: '相机正被别的程序用着。关掉它，再点一次。'
  };

  function Camera(video, worker, found) {
    var camera = this;
    this.video = video;
    this.found = found;
    this.scanner = null;
    this.awake = null;
    if (window.QrScanner) QrScanner.createQrEngine = function () { return engine(worker); };
    document.addEventListener('visibilitychange', function () { if (camera.scanner && !document.hidden) camera.keepAwake(); });
  }

  async function engine(worker) {
    try {
      var formats = QrScanner._disableBarcodeDetector ? [] : await window.BarcodeDetector.getSupportedFormats();
      if (formats.indexOf('qr_code') >= 0 && !/Mac/.test(navigator.platform)) return new BarcodeDetector({ formats: ['qr_code'] });
    } catch (e) { /* none of its own */ }
    return new Worker(worker);
  }

  // Why there will be no camera, as a key of `words`; '' when it is worth trying.
  Camera.prototype.fault = function () {
    if (!window.isSecureContext) return 'insecure';
    if (!window.QrScanner || !navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) return 'none';
    return '';
  };
  Camera.words = WORDS;

  // Resolves when the picture runs; refused with a key of `words`.
  Camera.prototype.start = async function () {
    var camera = this, fault = this.fault();
    if (fault) throw fault;
    if (!this.scanner) {
      var chosen = '';
      try { chosen = localStorage.getItem('camera') || ''; } catch (e) { /* the one at the back */ }
      this.scanner = new QrScanner(this.video, function (result) { camera.found(result.data); }, {
        onDecodeError: function () {}, preferredCamera: chosen || 'environment', maxScansPerSecond: 15, calculateScanRegion: region,
        returnDetailedScanResult: true
      });
    }
    try {
      await this.scanner.start();
      await this.video.play();
    } catch (error) {
      throw await why(error);
    }
    this.keepAwake();
  };

  // The middle of the picture, large: who holds a card is seldom exact.
  function region(video) {
    var side = Math.round(.85 * Math.min(video.videoWidth, video.videoHeight));
    return { x: Math.round((video.videoWidth - side) / 2), y: Math.round((video.videoHeight - side) / 2),
      width: side, height: side, downScaledWidth: 480, downScaledHeight: 480 };
  }

  async function why(error) {
    if (error && error.name === 'NotAllowedError') return 'denied';
    try {
      (await navigator.mediaDevices.getUserMedia({ video: true })).getTracks().forEach(function (one) { one.stop(); });
      return 'busy';
    } catch (told) {
      return told.name === 'NotAllowedError' ? 'denied' : told.name === 'NotReadableError' ? 'busy' : 'none';
    }
  }

  Camera.prototype.keepAwake = function () {
    var camera = this;
    if (!navigator.wakeLock || document.hidden) return;
    navigator.wakeLock.request('screen').then(function (lock) { camera.awake = lock; }).catch(function () {});
  };

  Camera.prototype.stop = function () {
    if (this.scanner) this.scanner.stop();
    if (this.awake) this.awake.release().catch(function () {});
  };

  // Whether this camera has a light: 'on', 'off' or ''.
  Camera.prototype.light = async function () {
    if (!this.scanner || !(await this.scanner.hasFlash())) return '';
    return this.scanner.isFlashOn() ? 'on' : 'off';
  };
  Camera.prototype.switchLight = function () { return this.scanner.toggleFlash(); };

  Camera.prototype.cameras = function () { return QrScanner.listCameras(false); };
  Camera.prototype.choose = function (id) {
    try { localStorage.setItem('camera', id); } catch (e) { /* for this page only */ }
    return this.scanner ? this.scanner.setCamera(id) : Promise.resolve();
  };

  // What a photo says; refused when no code can be read in it.
  Camera.prototype.photo = function (file) {
    return QrScanner.scanImage(file, { returnDetailedScanResult: true }).then(function (result) { return result.data; });
  };

  Shulin.Camera = Camera;
})();
