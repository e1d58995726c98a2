package dev.herald.api.send;

import dev.herald.api.send.SendRequest.Target;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.SocketMessage;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.bus.message.SocketMessage.Pushes;
import dev.herald.channel.Channel;
import dev.herald.channel.Channels;
import dev.herald.command.Audience;
import dev.herald.command.CommandLog;
import dev.herald.command.CommandNumber;
import dev.herald.command.NewCommand;
import dev.herald.failure.HeraldException;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Sha256;
import dev.herald.model.Uid;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Commands that a back end sends: to a channel or to users, stored or only to whoever is online (section 5.2). */
final class CommandSends {
    private static final int PAGE = 10_000;

    private final Bus bus;
    private final PgClients pg;
    private final Channels channels;

    CommandSends(Bus bus, PgClients pg, Channels channels) {
        this.bus = bus;
        this.pg = pg;
        this.channels = channels;
    }

    /**
     * The id of the command, once it is committed; for a repeat the id of the first. One that is not to be stored exists
     * nowhere but on its way to the sockets and cannot know its repeats.
     */
    Future<Long> send(SendRequest request) {
        return request.header().noPersist() ? push(request) : store(request);
    }

    private Future<Long> store(SendRequest request) {
        return audience(request)
                .compose(audience -> CommandLog.append(
                        pg.statements(),
                        new NewCommand(
                                channel(request),
                                request.fromUid(),
                                number(request),
                                request.payload(),
                                audience,
                                request.coalesceKey(),
                                request.expireSeconds())))
                .onSuccess(id -> bus.tell(Addresses.COMMANDS_PENDING, Done.DONE));
    }

    /** The channel of a list of users tells one list from another; where it is the sender's, the number does. */
    private static String number(SendRequest request) {
        return request.target() instanceof Target.ToEach to
                ? CommandNumber.of(
                        request.clientMsgNo(),
                        hash(to.uids().stream().distinct().sorted().toList()))
                : request.clientMsgNo();
    }

    private Future<Long> push(SendRequest request) {
        return audience(request)
                .compose(audience -> CommandLog.nextId(pg.statements()).compose(id -> {
                    Delivery delivery = delivery(id, request);
                    return switch (audience) {
                        case Audience.Members members ->
                            publishToMembers(members.channel(), "", delivery).map(id);
                        case Audience.Users users -> {
                            publish(users.uids(), delivery);
                            yield Future.succeededFuture(id);
                        }
                    };
                }));
    }

    private Future<Audience> audience(SendRequest request) {
        return switch (request.target()) {
            case Target.ToUsers to -> Future.succeededFuture(new Audience.Users(to.uids()));
            case Target.ToEach to -> Future.succeededFuture(new Audience.Users(to.uids()));
            case Target.ToChannel to -> audience(to.key(), request.fromUid());
        };
    }

    private Future<Audience> audience(ChannelKey key, String sender) {
        if (key.isPerson()) {
            return Future.succeededFuture(users(Stream.of(key.id(), sender)));
        }
        if (key.type() == ChannelKey.AGENT) {
            List<String> sides = key.storedFor(sender).sides();
            return sides.stream().allMatch(side -> Uid.problem(side).isEmpty())
                    ? Future.succeededFuture(users(sides.stream()))
                    : Future.failedFuture(
                            HeraldException.invalid("channel_id", "must be a uid, or two with '@' between"));
        }
        return channels.find(key)
                .map(found -> found.<Audience>map(CommandSends::members).orElseGet(() -> insiders(key)));
    }

    private static Audience members(Channel channel) {
        return new Audience.Members(channel.pk(), channel.revision(), false);
    }

    /** Before anybody has written there. */
    private static Audience insiders(ChannelKey key) {
        if (key.insiders().isEmpty()) {
            throw HeraldException.invalid("channel_id", "no such channel");
        }
        return users(key.insiders().stream());
    }

    /** The sender's devices get it, too. */
    private static Audience users(Stream<String> sides) {
        return new Audience.Users(
                sides.filter(uid -> !uid.equals(Uid.SYSTEM)).distinct().toList());
    }

    /**
     * As receivers are told it. What is between a user and an agent is known to both by the name that it is stored under,
     * a list of users is a technical channel of theirs, and towards each receiver of many a message from a person is in the
     * channel of that person.
     */
    private static ChannelKey channel(SendRequest request) {
        return switch (request.target()) {
            case Target.ToChannel to ->
                to.key().isPerson() ? to.key() : to.key().storedFor(request.fromUid());
            case Target.ToUsers to ->
                request.header().noPersist()
                        ? ChannelKey.UNSTORED_COMMANDS
                        : new ChannelKey(hash(to.uids()), ChannelKey.TEMPORARY);
            case Target.ToEach to -> new ChannelKey(request.fromUid(), ChannelKey.PERSON);
        };
    }

    /** @param uids sorted, so that the same users are the same list; none has the control character that parts them here */
    private static String hash(List<String> uids) {
        byte[] hash = Sha256.of(String.join("\n", uids).getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash, 0, CommandNumber.HASH_LENGTH / 2);
    }

    private static Delivery delivery(long id, SendRequest request) {
        return new Delivery(
                id,
                0,
                request.fromUid(),
                channel(request),
                request.clientMsgNo(),
                request.header(),
                0,
                request.expireSeconds(),
                "",
                Instant.now().getEpochSecond(),
                request.payload());
    }

    private Future<Void> publishToMembers(long channel, String after, Delivery delivery) {
        return channels.members(channel, after, PAGE).compose(page -> {
            publish(page, delivery);
            return page.size() < PAGE ? Future.succeededFuture() : publishToMembers(channel, page.getLast(), delivery);
        });
    }

    private void publish(Collection<String> uids, Delivery delivery) {
        bus.publish(Addresses.SOCKETS_PUSH, Pushes.of(new Push(Set.copyOf(uids), delivery, SocketMessage.NO_SESSION)));
    }
}
