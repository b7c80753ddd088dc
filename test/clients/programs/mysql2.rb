# Runs the order on standard input with Ruby's mysql2, prepared on the server where there are values; JSON for each step.
require 'json'
require 'mysql2'

order = JSON.parse($stdin.read)
login = order['login']
options = { host: login['host'], port: login['port'], username: login['user'], password: login['password'],
            database: login['database'], encoding: 'utf8mb4', as: :array }
options.merge!(sslca: login['caFile'], sslverify: true) if login['caFile']
client = Mysql2::Client.new(options)

def shown(value)
  return value if value.nil? || value.is_a?(Integer) || value == true || value == false
  return value.to_s unless value.is_a?(String)
  text = value.dup.force_encoding('UTF-8')
  text.valid_encoding? ? text : "0x#{value.unpack1('H*')}"
end

def rows_of(result)
  result.nil? ? [] : [result.fields, result.to_a.map { |row| row.map { |value| shown(value) } }]
end

def run(client, step)
  values = step['values'].map { |value| value.is_a?(Hash) ? [value['hex']].pack('H*') : value }
  if values.empty?
    results = [rows_of(client.query(step['sql']))]
    numbers = [client.affected_rows, client.last_id, client.query_info, client.warning_count]
    results << rows_of(client.store_result) while client.next_result
    { results: results, numbers: numbers }
  else
    statement = client.prepare(step['sql'])
    results = [rows_of(statement.execute(*values)), rows_of(statement.execute(*values, as: :array))]
    { results: results, numbers: [statement.affected_rows, statement.last_id] }
  end
rescue Mysql2::Error => e
  { error: [e.error_number, e.sql_state, e.message] }
rescue ArgumentError => e
  { error: e.message } # this driver makes a Time of every TIME, and there is none of 838 hours
ensure
  statement&.close
end

order['steps'].each { |step| puts JSON.generate(run(client, step)) }
puts client.ping
client.close
