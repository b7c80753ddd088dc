/** Those that MySQL alone has, all versions from 8.0.11 on. */
export const MYSQL_FUNCTIONS: ReadonlySet<string> = new Set(
  `
  any_value bin_to_uuid geomcollection geometrycollection grouping gtid_subset gtid_subtract icu_version is_uuid
  json_pretty json_storage_free json_storage_size linestring mbrcoveredby mbrcovers multilinestring multipoint
  multipolygon point polygon random_bytes regexp_like st_buffer_strategy st_distance_sphere st_geohash st_isvalid
  st_latfromgeohash st_longfromgeohash st_makeenvelope st_numinteriorring st_pointfromgeohash st_simplify
  st_validate statement_digest statement_digest_text uuid_to_bin
`
    .trim()
    .split(/\s+/),
);

/** Those that came with a version; before it the name may be that of a stored function. */
export const MYSQL_FUNCTIONS_SINCE: ReadonlyMap<string, number> = new Map([
  ['etag', 90_400],
  ['format_bytes', 80_016],
  ['format_pico_time', 80_016],
  ['from_vector', 90_000],
  ['json_overlaps', 80_017],
  ['json_schema_valid', 80_017],
  ['json_schema_validation_report', 80_017],
  ['json_value', 80_021],
  ['st_collect', 80_024],
  ['st_frechetdistance', 80_023],
  ['st_hausdorffdistance', 80_023],
  ['st_latitude', 80_012],
  ['st_lineinterpolatepoint', 80_024],
  ['st_lineinterpolatepoints', 80_024],
  ['st_longitude', 80_012],
  ['st_pointatdistance', 80_024],
  ['st_swapxy', 80_013],
  ['st_transform', 80_013],
  ['string_to_vector', 90_000],
  ['to_vector', 90_000],
  ['vector_dim', 90_000],
  ['vector_to_string', 90_000],
]);

/** Those that left the server with a version: a component may bring them back, and so may a stored function. */
export const MYSQL_FUNCTIONS_UNTIL: ReadonlyMap<string, number> = new Map([
  ['md5', 90_600],
  ['sha', 90_600],
  ['sha1', 90_600],
]);
