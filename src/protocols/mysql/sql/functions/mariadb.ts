/** Those that MariaDB alone has, all versions from 10.5 on; its geometry constructors are in `geometry.ts`. */
export const MARIADB_FUNCTIONS: ReadonlySet<string> = new Set(
  `
  asbinary astext centroid chr column_add column_check column_create column_delete column_exists column_get
  column_json column_list crosses decode_histogram dimension disjoint endpoint envelope equals exteriorring
  geometryn geometrytype geomfromtext glength interiorringn intersects isclosed isempty issimple json_compact
  json_detailed json_exists json_loose json_query json_value lengthb mbrequal md5 median numgeometries numpoints
  nvl nvl2 overlaps percentile_cont percentile_disc pointn sha sha1 st_boundary st_isring st_pointonsurface
  st_relate startpoint touches
`
    .trim()
    .split(/\s+/),
);

/** Those that came with a version; before it the name may be that of a stored function. */
export const MARIADB_FUNCTIONS_SINCE: ReadonlyMap<string, number> = new Map([
  ['add_months', 100_601],
  ['crc32c', 100_800],
  ['format_pico_time', 110_002],
  ['json_array_intersect', 110_200],
  ['json_equals', 100_702],
  ['json_key_value', 110_200],
  ['json_normalize', 100_702],
  ['json_object_filter_keys', 110_200],
  ['json_object_to_array', 110_200],
  ['json_overlaps', 100_900],
  ['json_pretty', 101_003],
  ['json_schema_valid', 110_100],
  ['kdf', 110_301],
  ['natural_sort_key', 100_702],
  ['random_bytes', 101_001],
  ['rownum', 100_601],
  ['sformat', 100_702],
  ['st_distance_sphere', 100_510],
  ['sys_guid', 100_601],
  ['to_char', 100_601],
  ['uuid_v4', 110_701],
  ['uuid_v7', 110_701],
  ['vec_distance', 110_701],
  ['vec_distance_cosine', 110_701],
  ['vec_distance_euclidean', 110_701],
  ['vec_fromtext', 110_701],
  ['vec_totext', 110_701],
]);
