/** 级次: whose budget a channel belongs to. */
export const CHANNEL_LEVELS = ['中央', '省', '市', '县', '社会'] as const;
export type ChannelLevel = (typeof CHANNEL_LEVELS)[number];

/** 类型: what sort of money a channel brings; rules of later programmes look at it. */
export const CHANNEL_KINDS = [
  '行业',
  '衔接',
  '配套',
  '对口支援',
  '东西部协作',
  '社会资本',
  '债券',
  '土地出让',
  '以工代赈',
  '其他',
] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];
