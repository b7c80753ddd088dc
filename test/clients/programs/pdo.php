<?php
// Runs the order on standard input with PDO, everything prepared on the server that can be (with the argument
// `emulated` nothing is, which is what PDO does unless it is told); a line of JSON for each step.
$order = json_decode(stream_get_contents(STDIN), true);
$login = $order['login'];
$options = [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_EMULATE_PREPARES => ($argv[1] ?? '') === 'emulated'];
if (isset($login['caFile'])) {
    $options += [PDO::MYSQL_ATTR_SSL_CA => $login['caFile'], PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT => true];
}
$dsn = "mysql:host={$login['host']};port={$login['port']};dbname={$login['database']};charset=utf8mb4";
$connection = new PDO($dsn, $login['user'], $login['password'], $options + [PDO::MYSQL_ATTR_FOUND_ROWS => true]);

function shown($value)
{
    return is_string($value) && !preg_match('//u', $value) ? '0x' . bin2hex($value) : $value;
}

function run($connection, $step)
{
    try {
        $statement = $connection->prepare($step['sql']);
        foreach ($step['values'] as $index => $value) {
            $type = is_int($value) ? PDO::PARAM_INT : ($value === null ? PDO::PARAM_NULL : PDO::PARAM_STR);
            if (is_array($value)) $statement->bindValue($index + 1, hex2bin($value['hex']), PDO::PARAM_LOB);
            else $statement->bindValue($index + 1, $value, $type);
        }
        $statement->execute();
        $results = [];
        do {
            $columns = $statement->columnCount();
            $rows = $columns === 0 ? [] : $statement->fetchAll(PDO::FETCH_NUM);
            $results[] = [$columns, array_map(fn ($row) => array_map('shown', $row), $rows), $statement->rowCount()];
        } while ($statement->nextRowset());
        return ['results' => $results, 'id' => $connection->lastInsertId()];
    } catch (PDOException $error) {
        return ['error' => $error->errorInfo];
    }
}

foreach ($order['steps'] as $step) echo json_encode(run($connection, $step), JSON_THROW_ON_ERROR), "\n";
