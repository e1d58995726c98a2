package dev.herald.presencelog;

import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Who is online in a few numbers, made so that any database computes the same of its own table (docs/presence-backend.md):
 * a bucket is the first hexadecimal digits of the MD5 of the uid's UTF-8, its hash the sum over the users who are online
 * of digits 9 to 20 of that MD5 as a number. MD5 only spreads here; nothing is secret.
 */
public final class PresenceDigest {
    /** As of a bucket's name: 1 digit makes 16 buckets, 4 make 65,536. */
    public static final int MAX_DIGITS = 4;

    private static final String DIGEST = """
            select substr(hash, 1, $1) as bucket, count(*) as users,
                sum(('x' || substr(hash, 9, 12))::bit(48)::bigint)::text as hash
            from (select md5(uid) as hash from user_presence where online) u
            group by 1 order by 1""";

    /** The character after "f" ends the range of a prefix: digits end there. */
    private static final String BUCKET = "select " + UserPresence.COLUMNS + """
             from user_presence
            where online and md5(uid) collate "C" >= $1 and md5(uid) collate "C" < $1 || 'g'
            order by md5(uid) collate "C" limit $2""";

    private PresenceDigest() {}

    /** @param hash decimal, below 2^48 for each user */
    public record Bucket(String name, long users, String hash) {}

    /** The buckets that hold anybody who is online, by name; reads every online user. */
    public static Future<List<Bucket>> buckets(SqlClient client, int digits) {
        return client.preparedQuery(DIGEST)
                .execute(Tuple.of(digits))
                .map(rows -> Rows.list(
                        rows, row -> new Bucket(row.getString("bucket"), row.getLong("users"), row.getString("hash"))));
    }

    public static boolean isIn(String bucket, String uid) {
        try {
            byte[] hash = MessageDigest.getInstance("MD5").digest(uid.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash).startsWith(bucket);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The users of a bucket who are online. */
    public static Future<List<UserPresence>> online(SqlClient client, String bucket, int limit) {
        return client.preparedQuery(BUCKET).execute(Tuple.of(bucket, limit)).map(PresenceLog::users);
    }
}
