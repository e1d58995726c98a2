package dev.herald.presence.node;

import dev.herald.bus.message.PresenceMessage.EvictNode;
import dev.herald.bus.message.PresenceMessage.Peer;
import dev.herald.bus.message.PresenceMessage.PeerList;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.redis.RedisGateway;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What operators ask of the nodes that take part, and the one thing that they can do to one. */
public final class NodeDirectory {
    private static final int QUESTIONS = 3;

    private final RedisGateway redis;

    public NodeDirectory(RedisGateway redis) {
        this.redis = redis;
    }

    /** The oldest first. */
    public Future<PeerList> list() {
        return names().compose(names -> {
            List<Request> questions = new ArrayList<>();
            for (String name : names) {
                questions.add(Request.cmd(Command.GET).arg(NodeKeys.lease(name)));
                questions.add(Request.cmd(Command.PTTL).arg(NodeKeys.lease(name)));
                questions.add(Request.cmd(Command.SCARD).arg(NodeKeys.users(name)));
            }
            if (names.isEmpty()) {
                return Future.succeededFuture(new PeerList(List.of()));
            }
            Future<List<@Nullable Response>> answers = redis.sendAll(questions);
            return InTime.of(answers).map(all -> peers(names, answers.result()));
        });
    }

    /** As if the lease had ended by itself: whoever looks next takes over, and the node finds it gone and begins anew. */
    public Future<Void> evict(EvictNode order) {
        return names().compose(names -> {
            List<Request> removals = names.stream()
                    .filter(name -> NodeKeys.incarnation(name) == order.incarnation())
                    .map(name -> Request.cmd(Command.DEL).arg(NodeKeys.lease(name)))
                    .toList();
            return removals.isEmpty()
                    ? Future.failedFuture(new HeraldException(Failure.NOT_FOUND, "node: takes no part"))
                    : InTime.of(redis.sendAll(removals)).mapEmpty();
        });
    }

    private Future<List<String>> names() {
        return InTime.of(redis.send(Request.cmd(Command.SMEMBERS).arg(NodeKeys.NODES)))
                .map(members -> members == null
                        ? List.of()
                        : members.stream()
                                .map(Response::toString)
                                .sorted(Comparator.comparingLong(NodeKeys::incarnation))
                                .toList());
    }

    private static PeerList peers(List<String> names, List<@Nullable Response> answers) {
        List<Peer> peers = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            Response lease = answers.get(QUESTIONS * i);
            peers.add(new Peer(
                    names.get(i),
                    NodeKeys.incarnation(names.get(i)),
                    lease == null ? "" : lease.toString(),
                    Math.max(0, number(answers.get(QUESTIONS * i + 1))),
                    number(answers.get(QUESTIONS * i + 2))));
        }
        return new PeerList(peers);
    }

    private static long number(@Nullable Response answer) {
        return answer == null ? 0 : Long.parseLong(answer.toString());
    }
}
