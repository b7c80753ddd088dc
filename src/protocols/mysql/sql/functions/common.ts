/**
 * Built-in functions of MariaDB 10.5 and MySQL 8.0 and later that compute a value of their arguments, of the session or
 * of the clock, and do nothing else: they neither lock, wait, count on, read files nor run anyone's code. Each was
 * asked of MariaDB 10.11 and MySQL 9.7: the server knows it with any number of arguments, so no stored function of that
 * name can be meant.
 */
export const COMMON_FUNCTIONS: ReadonlySet<string> = new Set(
  `
  abs acos adddate addtime aes_decrypt aes_encrypt ascii asin atan atan2 avg bin bit_and bit_count bit_length
  bit_or bit_xor cast ceil ceiling char char_length character_length charset coalesce coercibility collation
  compress concat concat_ws connection_id conv convert convert_tz cos cot count crc32 cume_dist curdate
  current_date current_role current_time current_timestamp current_user curtime database date date_add date_format
  date_sub datediff day dayname dayofmonth dayofweek dayofyear default degrees dense_rank elt exp export_set
  extract extractvalue field find_in_set first_value floor format found_rows from_base64 from_days from_unixtime
  get_format greatest group_concat hex hour if ifnull inet6_aton inet6_ntoa inet_aton inet_ntoa insert instr
  is_ipv4 is_ipv4_compat is_ipv4_mapped is_ipv6 isnull json_array json_array_append json_array_insert
  json_arrayagg json_contains json_contains_path json_depth json_extract json_insert json_keys json_length
  json_merge json_merge_patch json_merge_preserve json_object json_objectagg json_quote json_remove json_replace
  json_search json_set json_type json_unquote json_valid lag last_day last_insert_id last_value lcase lead least
  left length ln localtime localtimestamp locate log log10 log2 lower lpad ltrim make_set makedate maketime max
  mbrcontains mbrdisjoint mbrequals mbrintersects mbroverlaps mbrtouches mbrwithin microsecond mid min minute mod
  month monthname now nth_value ntile nullif oct octet_length ord percent_rank period_add period_diff pi position
  pow power quarter quote radians rand rank regexp_instr regexp_replace regexp_substr repeat replace reverse right
  round row_count row_number rpad rtrim schema sec_to_time second session_user sha2 sign sin soundex space sqrt
  st_area st_asbinary st_asgeojson st_astext st_aswkb st_aswkt st_buffer st_centroid st_contains st_convexhull
  st_crosses st_difference st_dimension st_disjoint st_distance st_endpoint st_envelope st_equals st_exteriorring
  st_geomcollfromtext st_geomcollfromwkb st_geometryn st_geometrytype st_geomfromgeojson st_geomfromtext
  st_geomfromwkb st_interiorringn st_intersection st_intersects st_isclosed st_isempty st_issimple st_length
  st_linefromtext st_linefromwkb st_mlinefromtext st_mpointfromtext st_mpolyfromtext st_numgeometries
  st_numinteriorrings st_numpoints st_overlaps st_pointfromtext st_pointfromwkb st_pointn st_polyfromtext
  st_polyfromwkb st_srid st_startpoint st_symdifference st_touches st_union st_within st_x st_y std stddev
  stddev_pop stddev_samp str_to_date strcmp subdate substr substring substring_index subtime sum sysdate
  system_user tan time time_format time_to_sec timediff timestamp timestampadd timestampdiff to_base64 to_days
  to_seconds trim truncate ucase uncompress uncompressed_length unhex unix_timestamp updatexml upper user utc_date
  utc_time utc_timestamp uuid uuid_short value values var_pop var_samp variance version week weekday weekofyear
  weight_string year yearweek
`
    .trim()
    .split(/\s+/),
);
