import qrcode from 'qrcode-generator'

/** Light squares around the code, without which cameras do not find it. */
const QUIET = 4

export interface QrCode {
  /** Squares along one side, with the quiet ones. */
  side: number
  /** Dark squares as one SVG path. */
  path: string
}

/** The text as a QR code that still reads with 15 % of it dirty or worn off. */
export function qrCode(text: string): QrCode {
  const code = qrcode(0, 'M')
  code.addData(text)
  code.make()
  const count = code.getModuleCount()
  let path = ''
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      if (code.isDark(row, column)) path += `M${column + QUIET} ${row + QUIET}h1v1h-1z`
    }
  }
  return { side: count + 2 * QUIET, path }
}

/** Whether a phone can open an address on this machine: not when it means the machine itself. */
export function reachable(hostname: string): boolean {
  return !/^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(hostname)
}
