/** JSON Schemas of answers for the API's description. */
const string = { type: 'string' } as const;

export function answerSchemas(): Record<string, object> {
  return {
    Money: {
      type: 'object',
      description: 'Integer minor units of a currency (ISO 4217)',
      properties: { amount: { type: 'integer' }, currency: string },
      required: ['amount', 'currency'],
    },
    Problem: {
      type: 'object',
      description: 'RFC 9457',
      properties: {
        type: string,
        title: string,
        status: { type: 'integer' },
        code: string,
        detail: string,
        instance: string,
        requestId: string,
        retryable: { type: 'boolean' },
        whoActs: { enum: ['caller', 'finance', 'admin', 'operator', 'nobody'] },
        errors: {
          type: 'array',
          items: { type: 'object', properties: { path: string, message: string } },
        },
      },
      required: [
        'type',
        'title',
        'status',
        'code',
        'detail',
        'instance',
        'requestId',
        'retryable',
        'whoActs',
      ],
    },
  };
}
