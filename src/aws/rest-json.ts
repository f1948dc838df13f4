/** An answer in one of AWS's protocols, ready for the socket, where `x-amzn-RequestId` joins it. */
export interface WireReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number>>
  readonly body: string
}

/** A failure in the words of the wire. */
export interface WireError {
  /** `ResourceNotFoundException` */
  readonly code: string
  readonly status: number
  readonly message: string
  /** Only the query protocol repeats it in the body. */
  readonly requestId: string
  /** What the model puts beside the message: `resourceId`, `resourceType`, `reason`. Only rest-json carries them. */
  readonly members: Readonly<Record<string, string>>
  /** As `Retry-After`. */
  readonly headers: Readonly<Record<string, string>>
}

/** A time as rest-json and json 1.1 carry it: seconds with ms as a fraction. ISO text makes the JavaScript SDK throw. */
export function epochSeconds(ms: number): number {
  return Math.round(ms) / 1000
}

/** Members that are null or undefined are left out: an empty `nextToken` would keep a paginator in a loop. */
export function renderRestJson(members: object): WireReply {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(members, (_name, value: unknown) => (value === null ? undefined : value)),
  }
}

/** The code stands in the header, where SDKs look first, and in the body for those that see only that. */
export function renderRestJsonError(error: WireError): WireReply {
  return {
    status: error.status,
    headers: {
      'Content-Type': 'application/json',
      'x-amzn-errortype': error.code,
      ...error.headers,
    },
    body: JSON.stringify({ __type: error.code, message: error.message, ...error.members }),
  }
}
