import type { CaseDetail, CaseEvent, Organisation, Person } from '@/shared/api/types'
import type { EventNames } from '@/shared/eventWords'

const byId = (people: (Person | null | undefined)[]) => new Map(people.flatMap((one) => (one ? [[one.id, one.name] as const] : [])))

/** Names for what events tell by number: from the list of units, the events and the case. */
export function namesOf(row: CaseDetail | null, events: readonly CaseEvent[], organisations: readonly Organisation[]): EventNames {
  const units = byId([...organisations, row?.lead_org, ...(row?.assistants ?? [])])
  const people = byId([...organisations.flatMap((one) => one.members), ...events.map((event) => event.actor), row?.assignee, row?.reporter])
  return { unit: (id) => units.get(id), person: (id) => people.get(id) }
}

/** Whether a name is wanted that the case alone does not tell. */
export function needsUnits(events: readonly CaseEvent[], names: EventNames): boolean {
  return events.some(({ data }) => {
    const people = [data.assignee].filter((id) => typeof id === 'number')
    const units = Array.isArray(data.assistants) ? data.assistants : []
    return people.some((id) => !names.person(id)) || units.some((id) => !names.unit(Number(id)))
  })
}
