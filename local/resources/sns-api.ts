interface PublishOptions {
  readonly subject?: string;
  readonly signal?: AbortSignal;
}

/** The calls to SNS that the local cloud makes, by its query protocol. */
export class SnsApi {
  readonly #endpoint: string;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  /** Makes a topic. */
  async createTopic(name: string): Promise<void> {
    await this.#call('CreateTopic', { Name: name });
  }

  /** Subscribes a queue by its ARN. @returns the ARN of the subscription. */
  async subscribeQueue(topicArn: string, queueArn: string, raw: boolean): Promise<string> {
    const answer = await this.#call('Subscribe', {
      TopicArn: topicArn,
      Protocol: 'sqs',
      Endpoint: queueArn,
      ReturnSubscriptionArn: 'true',
      'Attributes.entry.1.key': 'RawMessageDelivery',
      'Attributes.entry.1.value': String(raw),
    });
    return /<SubscriptionArn>([^<]+)</.exec(answer)?.[1] ?? '';
  }

  async deleteTopic(topicArn: string): Promise<void> {
    await this.#call('DeleteTopic', { TopicArn: topicArn });
  }

  async unsubscribe(subscriptionArn: string): Promise<void> {
    await this.#call('Unsubscribe', { SubscriptionArn: subscriptionArn });
  }

  async publish(topicArn: string, message: string, { subject, signal }: PublishOptions = {}): Promise<void> {
    const parameters = { TopicArn: topicArn, Message: message, ...(subject === undefined ? {} : { Subject: subject }) };
    await this.#call('Publish', parameters, signal);
  }

  async #call(action: string, parameters: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<string> {
    const body = new URLSearchParams({ Action: action, Version: '2010-03-31', ...parameters });
    const response = await fetch(this.#endpoint, { method: 'POST', body, ...(signal ? { signal } : {}) });
    const answer = await response.text();
    if (!response.ok) throw new Error(`SNS ${action} was refused with status ${response.status}: ${answer}`);
    return answer;
  }
}
