import { createContext, useContext } from 'react'
import type { Caller } from './session.ts'

export const CallerContext = createContext<Caller | undefined>(undefined)

/** Who is signed in, within what is shown to them. */
export function useCaller(): Caller {
  const caller = useContext(CallerContext)
  if (!caller) throw new Error('nobody is signed in here')
  return caller
}
