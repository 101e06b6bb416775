export default { nav: { overview: 'Overview' } }
