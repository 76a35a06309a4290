/** Types of frames (docs/channel.md, "Messages"). SDKs know no others and must never be sent any. */
export const MessageType = {
  Rpc: 0x12,
  Heartbeat: 0x13,
  Handshake: 0x14,
  RegisterEvents: 0x15,
  UnregisterEvents: 0x16,
  AmopRequest: 0x30,
  AmopResponse: 0x31,
  Topics: 0x32,
  AmopMulticast: 0x35,
  CertifyTopic: 0x37,
  TopicStatus: 0x38,
  Receipt: 0x1000,
  BlockNotify: 0x1001,
  EventLogs: 0x1002,
} as const;
