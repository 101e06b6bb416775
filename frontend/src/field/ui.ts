// Vant piece by piece, with each piece's own style sheet and never the icon font: that is 25 kB and names a foreign
// host. Our icons are inline SVG (components/AppIcon.vue).
import 'vant/es/style/base.css'
import 'vant/es/button/index.css'
import 'vant/es/cell/index.css'
import 'vant/es/field/index.css'
import 'vant/es/loading/index.css'
import 'vant/es/pull-refresh/index.css'

export { Button as VanButton, Field as VanField, Loading as VanLoading, PullRefresh as VanPullRefresh } from 'vant'
