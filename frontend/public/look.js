// What cannot wait for the app: a plain script in the head, because the content security policy allows no inline script.

// Colours, text size and language as the person set them on this phone, before anything is drawn.
// src/field/lib/look.ts writes the two settings and fires wangge-look.
;(function () {
  var root = document.documentElement
  var dark = window.matchMedia('(prefers-color-scheme: dark)')

  function known(key) {
    try {
      return localStorage.getItem(key)
    } catch {
      return null
    }
  }
  function kept(name) {
    return known('wangge.look.' + name)
  }

  function apply() {
    var theme = kept('theme')
    root.dataset.theme = theme === 'dark' || (theme !== 'light' && dark.matches) ? 'dark' : 'light'
    root.dataset.size = kept('size') === 'large' ? 'large' : 'standard'
  }

  apply()
  if (known('wangge.language') === 'en') root.lang = 'en'
  // Old web views know addListener only.
  if (dark.addEventListener) dark.addEventListener('change', apply)
  else dark.addListener(apply)
  window.addEventListener('wangge-look', apply)
  window.addEventListener('storage', apply)
})()

// Who this is, asked while the app itself is still on its way: src/field/offline/session.ts takes the answer.
;(function () {
  if (!window.fetch) return
  var english = document.documentElement.lang === 'en'
  window.wanggeAsked = fetch('/api/v1/session/', {
    credentials: 'same-origin',
    headers: { Accept: 'application/json', 'Accept-Language': english ? 'en' : 'zh-Hans' },
  })
  // Whoever takes it hears of it; until then nobody need.
  window.wanggeAsked.catch(function () {})
})()

// The phone's store, which every page but the sign-in reads first; the build names its file.
;(function () {
  var store = document.querySelector('meta[name="wangge-store"]')
  if (!store || location.pathname.indexOf('/m/sign-in') === 0) return
  var link = document.createElement('link')
  link.rel = 'modulepreload'
  link.href = store.content
  document.head.appendChild(link)
})()
