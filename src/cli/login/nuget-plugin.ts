/** How NuGet speaks to us; the server is asked by whoever started this. */
export interface NugetPluginParts {
  /** What NuGet says: a JSON document on each line. */
  readonly lines: AsyncIterable<string>
  readonly writeLine: (line: string) => void
  /** Undefined for an address that is not ours. Throws an error whose message a person may read. */
  readonly tokenFor: (address: string) => Promise<string | undefined>
  readonly createId: () => string
}

interface Message {
  readonly RequestId: string
  readonly Type: 'Request' | 'Response' | 'Fault' | 'Cancel' | 'Progress'
  readonly Method: string
  readonly Payload?: Readonly<Record<string, unknown>>
}

/** Source: NuGet's documentation, "NuGet cross platform plugins" and "NuGet cross platform authentication plugin". */
const PROTOCOL_VERSION = '2.0.0'

const success = { ResponseCode: 'Success' }

/** Answers NuGet until it says that it is done, or goes. */
export async function serveNugetPlugin(parts: NugetPluginParts): Promise<void> {
  const { lines, writeLine, createId } = parts
  const send = (message: Message) => writeLine(JSON.stringify(message))
  const offer = { ProtocolVersion: PROTOCOL_VERSION, MinimumProtocolVersion: PROTOCOL_VERSION }
  send({ RequestId: createId(), Type: 'Request', Method: 'Handshake', Payload: offer })
  for await (const line of lines) {
    const message = readMessage(line)
    if (message?.Type !== 'Request') continue
    if (message.Method === 'Close') return
    const { RequestId, Method } = message
    const payload = await answer(parts, message)
    if (payload) send({ RequestId, Type: 'Response', Method, Payload: payload })
    else send({ RequestId, Type: 'Fault', Method, Payload: { Message: `Packyard does not know ${Method}` } })
  }
}

/** It may put a byte order mark before its first line. */
function readMessage(line: string): Message | undefined {
  try {
    return JSON.parse(line.replace(/^\uFEFF/, '')) as Message
  } catch {
    return undefined
  }
}

type Payload = Readonly<Record<string, unknown>>

/** Undefined for what the protocol does not have. */
function answer(parts: NugetPluginParts, { Method, Payload }: Message): Payload | Promise<Payload> | undefined {
  switch (Method) {
    case 'Handshake':
      return { ...success, ProtocolVersion: PROTOCOL_VERSION }
    case 'Initialize':
    case 'MonitorNuGetProcessExit':
    case 'SetCredentials':
    case 'SetLogLevel':
      return success
    case 'GetOperationClaims':
      // Asked of one source it is about downloads; asked of none it is about all that we can do.
      return { Claims: Payload?.['PackageSourceRepository'] ? [] : ['Authentication'] }
    case 'GetAuthenticationCredentials':
      return findCredentials(parts, Payload?.['Uri'])
    default:
      return undefined
  }
}

async function findCredentials({ tokenFor }: NugetPluginParts, address: unknown): Promise<Payload> {
  if (typeof address !== 'string') return { ResponseCode: 'Error', Message: 'Uri: must be a text' }
  try {
    const token = await tokenFor(address)
    if (token === undefined) return { ResponseCode: 'NotFound' }
    return { ...success, Username: 'aws', Password: token, AuthenticationTypes: ['Basic'] }
  } catch (error) {
    return { ResponseCode: 'Error', Message: error instanceof Error ? error.message : 'no token' }
  }
}
