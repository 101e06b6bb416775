export default { nav: { overview: '总览' } }
