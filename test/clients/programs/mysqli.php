<?php
// Runs the order on standard input with mysqli, prepared on the server where there are values; a line of JSON for each step.
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$order = json_decode(stream_get_contents(STDIN), true);
$login = $order['login'];
$connection = mysqli_init();
$flags = 0;
if (isset($login['caFile'])) {
    $connection->options(MYSQLI_OPT_SSL_VERIFY_SERVER_CERT, 1);
    $connection->ssl_set(null, null, $login['caFile'], null, null);
    $flags = MYSQLI_CLIENT_SSL;
}
$connection->real_connect($login['host'], $login['user'], $login['password'], $login['database'], $login['port'], null, $flags);
$connection->set_charset('utf8mb4');

function shown($value)
{
    return is_string($value) && !preg_match('//u', $value) ? '0x' . bin2hex($value) : $value;
}

function rowsOf($result)
{
    if (!$result) return ['names' => [], 'rows' => []];
    $names = array_map(fn ($field) => [$field->name, $field->table, $field->type, $field->flags, $field->length, $field->charsetnr], $result->fetch_fields());
    return ['names' => $names, 'rows' => array_map(fn ($row) => array_map('shown', $row), $result->fetch_all(MYSQLI_NUM))];
}

function run($connection, $step)
{
    try {
        $values = array_map(fn ($value) => is_array($value) ? hex2bin($value['hex']) : $value, $step['values']);
        $results = [];
        if (count($values) > 0) {
            $statement = $connection->prepare($step['sql']);
            $types = implode('', array_map(fn ($v) => is_int($v) ? 'i' : (is_float($v) ? 'd' : 's'), $values));
            foreach ($values as $index => $value) {
                if (is_string($value) && strlen($value) > 1000) $types[$index] = 'b';
            }
            $bound = array_map(fn ($v, $t) => $t === 'b' ? null : $v, $values, str_split($types));
            $statement->bind_param($types, ...$bound);
            foreach (str_split($types) as $index => $type) {
                if ($type !== 'b') continue;
                foreach (str_split($values[$index], 20000) as $piece) $statement->send_long_data($index, $piece);
            }
            $statement->execute();
            do {
                $results[] = rowsOf($statement->get_result());
            } while ($statement->more_results() && $statement->next_result());
            $results[] = [$statement->affected_rows, $statement->insert_id];
            $statement->close();
        } else {
            $connection->real_query($step['sql']);
            do {
                $results[] = rowsOf($connection->store_result());
                $results[] = [$connection->affected_rows, $connection->insert_id, $connection->info, $connection->warning_count];
            } while ($connection->more_results() && $connection->next_result());
        }
        return ['results' => $results];
    } catch (mysqli_sql_exception $error) {
        return ['error' => [$error->getCode(), $error->getSqlState(), $error->getMessage()]];
    }
}

foreach ($order['steps'] as $step) echo json_encode(run($connection, $step), JSON_THROW_ON_ERROR), "\n";
// A cursor on the server, fetched three rows at a time.
$statement = $connection->prepare('SELECT id, name FROM item ORDER BY id');
$statement->attr_set(MYSQLI_STMT_ATTR_CURSOR_TYPE, MYSQLI_CURSOR_TYPE_READ_ONLY);
$statement->attr_set(MYSQLI_STMT_ATTR_PREFETCH_ROWS, 1);
$statement->execute();
$statement->bind_result($id, $name);
while ($statement->fetch()) echo "$id $name\n";
$statement->close();
echo preg_match('/Uptime: /', $connection->stat()), "\n";
$connection->close();
