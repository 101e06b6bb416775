export const KINDS = ['person', 'organisation'] as const
export const SIDES = ['applicant', 'respondent', 'concerned'] as const
/** Categories of disputes begin with it: the others have no parties to speak of. */
const DISPUTES = 'A'

/** Between whom a matter is, as it goes with a report. */
export interface ReportedParty {
  client_id: string
  kind: (typeof KINDS)[number]
  side: (typeof SIDES)[number]
  name: string
  phone: string
}

export const isDispute = (category: string | null) => category?.startsWith(DISPUTES) ?? false
export const isNamed = (party: ReportedParty) => party.name.trim() !== ''
const isEmpty = (party: ReportedParty) => !isNamed(party) && party.phone.trim() === ''

/** Whether anything was typed. */
export const anySaid = (parties: readonly ReportedParty[] | undefined) => (parties ?? []).some((party) => !isEmpty(party))

/** A number alone is nobody: the server wants a name with it. */
export const nameless = (parties: readonly ReportedParty[] | undefined) => (parties ?? []).some((party) => !isNamed(party) && !isEmpty(party))

/** What goes with the report: nothing for what is no dispute, and nothing of a line that was left empty. */
export function partyFields(category: string | null, parties: readonly ReportedParty[] | undefined): { parties?: ReportedParty[] } {
  const said = isDispute(category) ? (parties ?? []).filter(isNamed) : []
  return said.length ? { parties: said.map((party) => ({ ...party, name: party.name.trim(), phone: party.phone.trim() })) } : {}
}
