/**
 * Errors of the server, read from Google's error model (https://google.aip.dev/193), which Databricks' API uses too.
 */

/** What is known about a failed request. */
export interface ErrorFacts {
  /** Databricks' `error_code`, e.g. "INVALID_PARAMETER_VALUE" */
  code: string;
  /** HTTP status; 0 = no response */
  status: number;
  /** stable, in capitals; "" = none */
  reason?: string;
  /** wire name of the field that the error is about, e.g. "spark_conf"; "" = none */
  field?: string;
}

/** A request that failed. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly reason: string;
  readonly field: string;

  constructor(message: string, { code, status, reason = '', field = '' }: ErrorFacts) {
    super(message);
    this.code = code;
    this.status = status;
    this.reason = reason;
    this.field = field;
  }
}

/** The body of an error response. */
interface Envelope {
  error_code?: string;
  message?: string;
  details?: Detail[];
}

interface Detail {
  '@type'?: string;
  reason?: string;
  field_violations?: { field?: string; description?: string }[];
}

/** Return the error that a response describes; a body of another shape gives the HTTP status only. */
export function errorOf(body: unknown, status: number, statusText: string): ApiError {
  const { error_code = '', message, details: found } = (body ?? {}) as Envelope;
  const details = Array.isArray(found) ? found : [];
  const detail = (type: string) => details.find(({ '@type': url }) => url?.endsWith(`/google.rpc.${type}`));
  return new ApiError(message || `The server returned ${status} ${statusText}.`, {
    code: error_code,
    status,
    reason: detail('ErrorInfo')?.reason,
    field: detail('BadRequest')?.field_violations?.[0]?.field
  });
}
