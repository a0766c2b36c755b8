// How many are ticked, said beside the button and on it. Without this the button says what it does all the same.
(function () {
  var form = document.getElementById('cards'), said = document.querySelector('[data-ticked]'), words = document.querySelector('[data-ticked-button] span');
  if (!form || !said || !words) return;
  var before = [said.textContent, words.textContent];
  function count() {
    var ticked = form.querySelectorAll('input[name=person]:checked').length;
    said.textContent = ticked ? '已勾 ' + ticked + ' 位' : before[0];
    words.textContent = ticked ? '印 ' + ticked + ' 张' : before[1];
  }
  form.addEventListener('change', count);
  addEventListener('pageshow', count);
  count();
})();
