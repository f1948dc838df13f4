import { createContext, useContext } from 'react'
import type { Client } from './client.ts'

export const ClientContext = createContext<Client | undefined>(undefined)

/** The server, within what is shown to one who is signed in. */
export function useClient(): Client {
  const client = useContext(ClientContext)
  if (!client) throw new Error('nobody is signed in here')
  return client
}
