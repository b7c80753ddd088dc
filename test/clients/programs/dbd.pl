# Runs the order on standard input with DBD::mysql, prepared on the server; one line of JSON for each step.
use strict;
use warnings;
use DBI;
use JSON::PP;

my $json = JSON::PP->new->canonical->latin1;
my $order = JSON::PP->new->utf8(0)->decode(do { local $/; binmode STDIN; <STDIN> });
my $login = $order->{login};
my $dsn = "DBI:mysql:database=$login->{database};host=$login->{host};port=$login->{port};mysql_server_prepare=1";
# Built with MariaDB's library, this driver cannot insist on TLS; the test looks that it was used.
$dsn .= ";mysql_ssl=1;mysql_ssl_optional=1;mysql_ssl_ca_file=$login->{caFile}" if $login->{caFile};
my $database = DBI->connect($dsn, $login->{user}, $login->{password}, { RaiseError => 1, PrintError => 0, AutoCommit => 1 });
$database->do('SET NAMES utf8mb4');

sub run {
    my ($step) = @_;
    my @values = map { ref $_ ? pack('H*', $_->{hex}) : bytes($_) } @{ $step->{values} };
    # Several results at once are only given without preparing.
    my $several = $step->{sql} =~ /^CALL/;
    my @results;
    eval {
        my $statement = $database->prepare(bytes($step->{sql}), { mysql_server_prepare => $several ? 0 : 1 });
        my $affected = $statement->execute(@values);
        do {
            my $rows = $statement->{NUM_OF_FIELDS} ? $statement->fetchall_arrayref : [];
            my $names = $statement->{NUM_OF_FIELDS} ? [ @{ $statement->{NAME} } ] : [];
            push @results, { names => $names, rows => [ map { [ map { shown($_) } @$_ ] } @$rows ] };
        } while ($several && $statement->more_results);
        $results[0]{affected} = "$affected";
        $results[0]{id} = "" . ($statement->{mysql_insertid} // '');
        $results[0]{info} = $database->{mysql_info};
        $results[0]{warnings} = $statement->{mysql_warning_count};
        $statement->finish;
        1;
    } or return { error => [ $database->err, $database->state, $database->errstr ] };
    return { results => \@results };
}

# A text as its bytes, which is what the driver sends.
sub bytes { my ($text) = @_; utf8::downgrade($text) if defined $text; return $text }

# Bytes as latin1 characters, so that JSON carries each of them.
sub shown { defined $_[0] ? "$_[0]" : undef }

binmode STDOUT;
print $json->encode(run($_)), "\n" for @{ $order->{steps} };
$database->ping or die 'no answer to the ping';
$database->disconnect;
