/**
 * A hook for forms: sends what a user has entered, and keeps the error of the server.
 */
import * as React from 'react';

import type { ApiError } from '../model/errors';

/** The state of a submission. */
export interface Submission<T> {
  /** that of the latest attempt; null = none */
  serverError: Partial<ApiError> | null;
  isSending: boolean;
  /** Send a value, once at a time; true = it succeeded. */
  send(value: T): Promise<boolean>;
  clearError(): void;
}

/** Return what sends values with `onSubmit`, which rejects with the error of the server. */
export function useSubmit<T>(onSubmit: (value: T) => Promise<void>): Submission<T> {
  const [serverError, setServerError] = React.useState<Partial<ApiError> | null>(null);
  const [isSending, setIsSending] = React.useState(false);
  const send = async (value: T) => {
    if (isSending) {
      return false;
    }
    setIsSending(true);
    setServerError(null);
    try {
      await onSubmit(value);
      return true;
    } catch (error) {
      setServerError(error as Error);
      return false;
    } finally {
      setIsSending(false);
    }
  };
  return { serverError, isSending, send, clearError: () => setServerError(null) };
}
