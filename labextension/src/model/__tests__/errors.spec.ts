import { ApiError, errorOf } from '../errors';

const envelope = {
  error_code: 'INVALID_PARAMETER_VALUE',
  message: 'Too few cores are free.',
  details: [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'NOT_ENOUGH_ROOM',
      domain: 'jupyter_dbx',
      metadata: {}
    },
    {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      field_violations: [{ field: 'num_workers', description: 'Too few cores are free.' }]
    }
  ]
};

describe('errorOf', () => {
  it('reads code, reason and field', () => {
    const error = errorOf(envelope, 400, 'Bad Request');
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      message: 'Too few cores are free.',
      code: 'INVALID_PARAMETER_VALUE',
      status: 400,
      reason: 'NOT_ENOUGH_ROOM',
      field: 'num_workers'
    });
  });

  it('needs no details', () => {
    expect(errorOf({ ...envelope, details: undefined }, 400, 'Bad Request')).toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
      reason: '',
      field: ''
    });
  });

  it('gives the status of a response that is not ours', () => {
    const error = errorOf({}, 502, 'Bad Gateway');
    expect(error).toMatchObject({ message: 'The server returned 502 Bad Gateway.', code: '', status: 502 });
  });
});
