package dev.herald.presence.node;

import dev.herald.redis.KeyPage;
import dev.herald.redis.RedisGateway;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A node's list of users in Redis, where whoever cleans up after it looks. Calls for one list are carried out in the order
 * in which they are sent.
 */
public record UserList(RedisGateway redis, String node) {

    /** @return how many of them were not on it */
    public Future<Long> add(Collection<String> uids) {
        return number(with(Command.SADD, uids));
    }

    public Future<Void> remove(Collection<String> uids) {
        return InTime.of(redis.send(with(Command.SREM, uids))).mapEmpty();
    }

    public Future<Boolean> isEmpty() {
        return number(with(Command.SCARD, List.of())).map(size -> size == 0);
    }

    /** Those who are not on it. */
    public Future<List<String>> missing(List<String> uids) {
        return InTime.of(redis.send(with(Command.SMISMEMBER, uids)))
                .map(members -> members == null
                        ? List.of()
                        : IntStream.range(0, uids.size())
                                .filter(i -> String.valueOf(members.get(i)).equals("0"))
                                .mapToObj(uids::get)
                                .toList());
    }

    /**
     * Some of its users.
     *
     * @param place where the page before ended; an empty text: this is the first one
     * @param count about so many
     */
    public Future<KeyPage> page(String place, int count) {
        Request scan = Request.cmd(Command.SSCAN)
                .arg(NodeKeys.users(node))
                .arg(place.isEmpty() ? "0" : place)
                .arg("COUNT")
                .arg(count);
        return InTime.of(redis.send(scan)).map(page -> {
            if (page == null) {
                return new KeyPage(List.of(), "");
            }
            String next = page.get(0).toString();
            return new KeyPage(page.get(1).stream().map(Response::toString).toList(), next.equals("0") ? "" : next);
        });
    }

    private Request with(Command command, Collection<String> uids) {
        Request request = Request.cmd(command).arg(NodeKeys.users(node));
        uids.forEach(request::arg);
        return request;
    }

    private Future<Long> number(Request request) {
        return InTime.of(redis.send(request)).map(answer -> Long.parseLong(String.valueOf(answer)));
    }
}
