// 测一测, before the event: each part tried for real, answered in a plain word and, where something is wrong, with what to do.
(function () {
  'use strict';
  var Shulin = window.Shulin, root = document.querySelector('[data-rehearsal]');
  if (!root || !Shulin.scanner) return;

  function said(key, tone, tag, words) {
    var line = root.querySelector('[data-check="' + key + '"]'), place = line.querySelector('[data-tag]');
    line.querySelector('[data-words]').textContent = words;
    place.className = 'tag is-' + tone;
    place.textContent = '';
    place.appendChild(Shulin.icon(tone === 'yes' ? 'yes' : tone === 'no' ? 'no' : 'warn'));
    place.appendChild(document.createTextNode(tag));
  }

  var checks = {
    camera: function () {
      return Shulin.scanner.camera.start().then(function () {
        document.querySelector('[data-over]').hidden = true;
        said('camera', 'yes', '能用', '相机开着，对准二维码就行');
      }).catch(function (reason) { said('camera', 'no', '不能用', Shulin.Camera.words[reason] || Shulin.Camera.words.none); });
    },
    sound: function () {
      if (Shulin.sounds.muted()) { said('sound', 'warn', '静音了', '点“静音”打开声音'); return; }
      Shulin.sounds.play('yes');
      var state = Shulin.sounds.state();
      if (state === 'none') said('sound', 'warn', '没有', '这个浏览器不出声，看颜色和大字');
      else said('sound', 'yes', '响了', '没听见：把媒体音量调大，关掉手机侧面的静音键');
    },
    shake: function () {
      if (Shulin.sounds.shakes()) said('shake', 'yes', '能震', '没感觉到：在手机设置里打开震动');
      else said('shake', 'warn', '不能震', '苹果手机的网页不能震，看颜色、听声音就行');
    },
    store: async function () {
      try {
        await Shulin.shelf.put('kept', { name: 'rehearsal', at: Date.now() });
        await Shulin.shelf.remove('kept', 'rehearsal');
        if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(function () {});
        said('store', 'yes', '能存', '没信号时先存在本机，一条不丢');
      } catch (e) { said('store', 'no', '不能存', '浏览器不让存。请退出无痕模式，或换一个浏览器'); }
    },
    signal: async function () {
      var began = performance.now();
      try {
        var answer = await ask(), took = Math.round(performance.now() - began);
        if (!answer.ok) said('signal', 'no', '要登录', '请先登录，或请组织者请您做帮手');
        else if (took > 1500) said('signal', 'warn', '有点慢', '来回 ' + (took / 1000).toFixed(1) + ' 秒。慢也能扫，结果晚一点出来');
        else said('signal', 'yes', '好', '来回 ' + took + ' 毫秒');
        return answer;
      } catch (e) { said('signal', 'warn', '没信号', '先扫着，都存在本机，联网后自动上传'); }
    },
    clock: async function () {
      try {
        var answer = await ask(), off = Math.round((Date.now() - Date.parse(answer.headers.get('Date'))) / 1000);
        if (isNaN(off)) throw new Error('no date');
        if (Math.abs(off) <= 5) said('clock', 'yes', '准', '和熟邻只差 ' + Math.abs(off) + ' 秒');
        else said('clock', 'warn', off > 0 ? '快了' : '慢了', '差 ' + plain(Math.abs(off)) + '。上传时会自己校正，最好在手机设置里打开“自动设置时间”');
      } catch (e) { said('clock', 'warn', '没测成', '有信号时再测'); }
    },
    shell: async function () {
      try {
        if (!navigator.serviceWorker || !(await navigator.serviceWorker.getRegistration())) throw new Error('none');
        if (!(await caches.match(root.dataset.rehearsal))) throw new Error('not yet');
        said('shell', 'yes', '打得开', '断了网，这一页照样打开、照样扫');
      } catch (e) {
        said('shell', 'warn', '打不开', e.message === 'not yet' ? '还在存，过几秒再测' : '这个浏览器断网后打不开新页。有信号时先打开，别关掉就行');
      }
    }
  };

  function ask() { return fetch(Shulin.scanner.base + '/counts', { credentials: 'same-origin', cache: 'no-store', headers: { Accept: 'application/json' } }); }
  function plain(seconds) { return seconds < 90 ? seconds + ' 秒' : Math.round(seconds / 60) + ' 分钟'; }

  root.querySelector('[data-rehearse]').addEventListener('click', async function (event) {
    event.target.classList.add('htmx-request');
    for (var key of Object.keys(checks)) await checks[key]();
    event.target.classList.remove('htmx-request');
  });
  root.querySelectorAll('[data-hear]').forEach(function (button) {
    button.addEventListener('click', function () { Shulin.sounds.play(button.dataset.hear); });
  });
})();
