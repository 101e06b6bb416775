import { ref, shallowRef } from 'vue'

import { deviceCalls, type Device } from '../lib/device'

/** The phones on which the person is or was signed in; known only with a network. */
export function useDevices() {
  const devices = shallowRef<Device[]>([])
  const error = shallowRef<unknown>(null)
  const loaded = ref(false)
  const busy = ref('')

  async function load(): Promise<void> {
    error.value = null
    try {
      devices.value = (await deviceCalls.mine()).results
      loaded.value = true
    } catch (failure) {
      error.value = failure
    }
  }

  /** Whether it was done. */
  async function signOut(device: Device, wipe: boolean): Promise<boolean> {
    busy.value = device.id
    try {
      const changed = await deviceCalls.signOut(device.id, wipe)
      devices.value = devices.value.map((one) => (one.id === changed.id ? changed : one))
      return true
    } catch {
      return false
    } finally {
      busy.value = ''
    }
  }

  return { devices, error, loaded, busy, load, signOut }
}
