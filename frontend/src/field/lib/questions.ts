import type { Category, Question } from '@/shared/api/types'

/** What is asked in a category: its own questions and those of its first level. Nothing is demanded in an emergency. */
export function questionsOf(code: string | null, questions: readonly Question[], categories: readonly Category[]): Question[] {
  if (!code) return []
  const emergency = categories.some((row) => row.emergency && (row.code === code || row.code === code.charAt(0)))
  return questions
    .filter((one) => one.category === code || one.category === code.charAt(0))
    .map((one) => (emergency ? { ...one, required: false } : one))
}

/** The answers to what is asked now: those to another category's questions go with it. */
export function answersTo(asked: readonly Question[], answers: Record<string, string>): Record<string, string> {
  const keys = new Set(asked.map((one) => one.key))
  return Object.fromEntries(Object.entries(answers).filter(([key]) => keys.has(key)))
}

export function unanswered(asked: readonly Question[], answers: Record<string, string>): Question[] {
  return asked.filter((one) => one.required && !answers[one.key]?.trim())
}
