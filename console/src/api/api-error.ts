/** What a server answered when it did not do what was asked. */
export class ApiError extends Error {
  /** As `AccessDeniedException`; `NetworkError` when there was no answer. */
  readonly code: string
  /** 0 when there was no answer. */
  readonly status: number
  readonly requestId: string | undefined

  constructor(code: string, message: string, status: number, requestId?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'ApiError'
    this.code = code
    this.status = status
    this.requestId = requestId
  }
}

/** What a person can do about a failure, by its code. */
const adviceByCode: Readonly<Record<string, string>> = {
  AccessDeniedException: 'Ask whoever administers this account for the permission that is named above.',
  ConflictException: 'Somebody else may have changed it meanwhile: load the page again and repeat what you did.',
  InternalServerException: 'Try again. If it fails again, look for the request id in the server’s log.',
  NetworkError: 'See whether the server runs and can be reached, then try again.',
  ResourceNotFoundException: 'It may have been deleted meanwhile, or you may not see it.',
  ServiceQuotaExceededException: 'Delete something that is no longer needed, or ask for a larger quota.',
  ThrottlingException: 'Wait a few seconds, then try again.',
  ValidationException: 'Correct the value that is named above.',
}

const ADVICE_ELSE = 'Try again. If it fails again, tell your administrator the request id.'

export function adviceFor({ code }: ApiError): string {
  return adviceByCode[code] ?? ADVICE_ELSE
}

/** Whatever was thrown, as something that can be shown. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  return new ApiError('ConsoleError', thrown instanceof Error ? thrown.message : String(thrown), 0, undefined, thrown)
}

/** Of CodeArtifact, which names the code in a header, and of `/packyard/v1`, which names all in the body. */
interface ErrorBody {
  readonly message?: string
  readonly code?: string
  readonly requestId?: string
}

export async function readApiError(answer: Response): Promise<ApiError> {
  const body = readBody(await answer.text())
  const requestId = answer.headers.get('x-amzn-requestid') ?? body.requestId
  const [code = ''] = (answer.headers.get('x-amzn-errortype') ?? body.code ?? `Http${answer.status}`).split(':')
  const message = body.message ?? `The server answered with status ${answer.status}.`
  return new ApiError(code, message, answer.status, requestId)
}

/** JSON, or the XML of IAM. */
function readBody(text: string): ErrorBody {
  if (text.startsWith('<')) {
    const document = new DOMParser().parseFromString(text, 'text/xml')
    const [code, message] = ['Code', 'Message'].map((name) => document.querySelector(name)?.textContent)
    return { ...(code && { code }), ...(message && { message }) }
  }
  try {
    return JSON.parse(text) as ErrorBody
  } catch {
    return {}
  }
}
