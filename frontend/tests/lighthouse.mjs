// node tests/lighthouse.mjs CHROMIUM ADDRESS [COOKIE] — Lighthouse with its mobile throttling; prints JSON.
import { launch } from 'chrome-launcher'
import lighthouse from 'lighthouse'
import puppeteer from 'puppeteer-core'

const [chromePath, address, cookie] = process.argv.slice(2)
const chrome = await launch({ chromePath, chromeFlags: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] })
try {
  const browser = await puppeteer.connect({ browserURL: `http://127.0.0.1:${chrome.port}`, defaultViewport: null })
  const page = await browser.newPage()
  for (const pair of cookie ? cookie.split('; ') : []) {
    const [name, value] = pair.split('=')
    await page.setCookie({ name, value, url: address })
  }
  const { lhr } = await lighthouse(address, {
    port: chrome.port,
    output: 'json',
    logLevel: 'error',
    onlyCategories: ['performance', 'accessibility', 'best-practices'],
    // Signed in, but with nothing in its cache: the first visit.
    disableStorageReset: true,
  }, undefined, page)
  const scores = Object.fromEntries(Object.entries(lhr.categories).map(([name, { score }]) => [name, Math.round(score * 100)]))
  const failed = Object.values(lhr.audits)
    .filter(({ score, scoreDisplayMode }) => score !== null && score < 1 && ['binary', 'numeric', 'metricSavings'].includes(scoreDisplayMode))
    .map(({ id, score, displayValue }) => ({ id, score, value: displayValue ?? null }))
  const milliseconds = (id) => Math.round(lhr.audits[id].numericValue)
  process.stdout.write(
    JSON.stringify({ address: lhr.finalDisplayedUrl, ...scores, lcp_ms: milliseconds('largest-contentful-paint'), tbt_ms: milliseconds('total-blocking-time'), machine: Math.round(lhr.environment.benchmarkIndex), failed, warnings: lhr.runWarnings }),
  )
} finally {
  await chrome.kill()
}
