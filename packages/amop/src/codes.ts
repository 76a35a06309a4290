/** Field `result` of an answer to a publisher. Other values come from the subscriber and pass through. */
export const AmopResult = {
  ok: 0,
  /** No reachable node has the topic, or none of them answered. */
  noNode: 100,
  /** Above the bandwidth limit, too large, or too much under way. */
  overLimit: 103,
  /** The node that was asked has no session with the topic, or none of them answered. */
  noSession: 104,
} as const;
