package dev.herald.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.it.LosableRedis;
import org.junit.jupiter.api.Test;

class BacklogIT {
    @Test
    void an_outage_with_a_backlog() throws Exception {
        int n = Integer.getInteger("backlog", 300_000);
        int channels = Integer.getInteger("channels", 20);
        LosableRedis redis = new LosableRedis("u1");
        Node node = new Node("redis.url", redis.url());
        node.deploy(1);
        for (int c = 0; c < channels; c++) node.channel("g" + c, 3);
        long first = node.command("u00001");
        for (int i = 0; i < 50 && !node.isDone(first); i++) Thread.sleep(100);
        System.out.println("before done=" + node.isDone(first));
        if (Boolean.getBoolean("kill")) redis.kill();
        for (int i = 0; i < n; i += 25_000) {
            node.sql("""
                insert into cmd (channel_id, channel_type, from_uid, client_msg_no, payload, channel, revision, coalesce_key)
                select c.channel_id, c.channel_type, 'back', gen_random_uuid()::text,
                  convert_to('{"type":99,"cmd":"channelUpdate","param":{"channel_id":"g1","channel_type":2,"revision":42}}', 'UTF8'), c.pk, 1, 'channelUpdate:2:' || c.channel_id
                from (select i, floor(random() * $2)::int as g from generate_series(1, $1) i offset 0) i join channel c on c.channel_id = 'g' || i.g order by i.i""".replace("%%", "%"), Math.min(25_000, n - i), channels);
        }
        System.out.println("inserted " + node.postgresUrl);
        node.sql("analyze cmd"); node.sql("analyze member"); node.sql("analyze channel");
        if (Boolean.getBoolean("kill")) redis.start(false);
        long t0 = System.nanoTime();
        long probe = node.command("someoneelse");
        node.bus.tell(dev.herald.bus.Addresses.COMMANDS_PENDING, dev.herald.bus.message.Done.DONE);
        for (int s = 0; s < Integer.getInteger("wait", 90); s++) {
            Thread.sleep(1000);
            if (s % 5 == 4) {
                try {
                var r = node.sql("select (select number from redis_epoch) as e, (select count(*) from cmd where done_at is not null) as d").getFirst();
                System.out.printf("t=%.0f probe=%s epoch=%d done=%d%n", (System.nanoTime() - t0) / 1e9, node.isDone(probe), r.getLong(0), r.getLong(1));
                if (s == 4000) {
                    node.sql("select state, now() - query_start as d, left(regexp_replace(query, '\\s+', ' ', 'g'), 100) as q from pg_stat_activity where datname = current_database()").forEach(x -> System.out.println("act: " + x.getString(0) + " " + x.getValue(1) + " " + x.getString(2)));
                    System.out.println("leased: " + node.sql("select count(*) from cmd where lease_until > now() and done_at is null").getFirst().getLong(0));
                    java.lang.reflect.Field f = PendingCommands.class.getDeclaredField("CLAIM"); f.setAccessible(true);
                    java.nio.file.Files.writeString(java.nio.file.Path.of("/tmp/rev4/claim.txt"), String.valueOf(f.get(null))); node.sql("explain " + f.get(null), 99L, 5000L, 1000, 32, true, 2L).forEach(x -> System.out.println("plan: " + x.getString(0)));
                }
                } catch (Throwable e) { System.out.println("sql: " + e.getMessage()); }
            }
        }
        node.close();
        redis.close();
    }
}
