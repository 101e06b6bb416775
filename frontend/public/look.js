// Colours and text size as the person set them on this phone, before anything is drawn: a plain script in the head,
// because the app itself comes too late and the content security policy allows no inline script.
// src/field/lib/look.ts writes the two settings and fires wangge-look.
;(function () {
  var root = document.documentElement
  var dark = window.matchMedia('(prefers-color-scheme: dark)')

  function kept(name) {
    try {
      return localStorage.getItem('wangge.look.' + name)
    } catch {
      return null
    }
  }

  function apply() {
    var theme = kept('theme')
    root.dataset.theme = theme === 'dark' || (theme !== 'light' && dark.matches) ? 'dark' : 'light'
    root.dataset.size = kept('size') === 'large' ? 'large' : 'standard'
  }

  apply()
  // Old web views know addListener only.
  if (dark.addEventListener) dark.addEventListener('change', apply)
  else dark.addListener(apply)
  window.addEventListener('wangge-look', apply)
  window.addEventListener('storage', apply)
})()
