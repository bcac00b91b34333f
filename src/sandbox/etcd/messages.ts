/**
 * etcd's messages as they come from and go to the wire (etcdserverpb/rpc.proto, mvccpb/kv.proto).
 * int64 of requests are decimal strings; revisions of responses are numbers, lease ids strings.
 * Messages that are absent are undefined; scalars that are absent have proto3's default.
 */
export type Int64 = string;

export interface ResponseHeader {
  cluster_id?: string;
  member_id?: string;
  revision?: number;
  raft_term?: string;
}

/** Never changed once it is stored: a new revision is a new object. */
export interface KeyValue {
  readonly key: Buffer;
  readonly create_revision: number;
  readonly mod_revision: number;
  readonly version: number;
  readonly value: Buffer;
  /** "0": no lease. */
  readonly lease: Int64;
}

export const EventType = { put: 0, delete: 1 } as const;

export interface Event {
  readonly type: 0 | 1;
  /** A delete's holds only the key and the revision of the deletion. */
  readonly kv: KeyValue;
  readonly prev_kv?: KeyValue | undefined;
}

export const SortOrder = { none: 0, ascend: 1, descend: 2 } as const;
export const SortTarget = { key: 0, version: 1, create: 2, mod: 3, value: 4 } as const;

export interface RangeRequest {
  key: Buffer;
  /** Absent and empty are not the same: see mvcc/interval.ts. */
  range_end?: Buffer;
  limit: Int64;
  revision: Int64;
  sort_order: number;
  sort_target: number;
  keys_only: boolean;
  count_only: boolean;
  min_mod_revision: Int64;
  max_mod_revision: Int64;
  min_create_revision: Int64;
  max_create_revision: Int64;
}

export interface RangeResponse {
  header: ResponseHeader;
  kvs: KeyValue[];
  more: boolean;
  count: number;
}

export interface PutRequest {
  key: Buffer;
  value: Buffer;
  lease: Int64;
  prev_kv: boolean;
  ignore_value: boolean;
  ignore_lease: boolean;
}

export interface PutResponse {
  header: ResponseHeader;
  prev_kv?: KeyValue | undefined;
}

export interface DeleteRangeRequest {
  key: Buffer;
  /** Absent and empty are not the same: see mvcc/interval.ts. */
  range_end?: Buffer;
  prev_kv: boolean;
}

export interface DeleteRangeResponse {
  header: ResponseHeader;
  deleted: number;
  prev_kvs: KeyValue[];
}

export const CompareResult = { equal: 0, greater: 1, less: 2, notEqual: 3 } as const;
export const CompareTarget = { version: 0, create: 1, mod: 2, value: 3, lease: 4 } as const;

export interface Compare {
  result: number;
  target: number;
  key: Buffer;
  /** Absent and empty are not the same: see mvcc/interval.ts. */
  range_end?: Buffer;
  /** One of these, or none. */
  version?: Int64;
  create_revision?: Int64;
  mod_revision?: Int64;
  value?: Buffer;
  lease?: Int64;
}

export interface RequestOp {
  request_range?: RangeRequest;
  request_put?: PutRequest;
  request_delete_range?: DeleteRangeRequest;
  request_txn?: TxnRequest;
}

export interface ResponseOp {
  response_range?: RangeResponse;
  response_put?: PutResponse;
  response_delete_range?: DeleteRangeResponse;
  response_txn?: TxnResponse;
}

export interface TxnRequest {
  compare: Compare[];
  success: RequestOp[];
  failure: RequestOp[];
}

export interface TxnResponse {
  header: ResponseHeader;
  succeeded: boolean;
  responses: ResponseOp[];
}

/** What a role may do with some keys (authpb/auth.proto). */
export interface Permission {
  permType: number;
  key: Buffer;
  range_end: Buffer;
}

export const FilterType = { noPut: 0, noDelete: 1 } as const;

export interface WatchCreateRequest {
  key?: Buffer;
  range_end?: Buffer;
  start_revision?: Int64;
  progress_notify?: boolean;
  filters: number[];
  prev_kv?: boolean;
  watch_id?: Int64;
}

export interface WatchRequest {
  create_request?: WatchCreateRequest;
  cancel_request?: { watch_id?: Int64 };
  progress_request?: object;
}

export interface WatchResponse {
  header: ResponseHeader;
  watch_id: Int64;
  created?: boolean;
  canceled?: boolean;
  compact_revision?: number;
  cancel_reason?: string;
  events?: Event[];
}
