package dev.herald.socket;

import dev.herald.bus.Addresses;
import dev.herald.bus.Service;
import dev.herald.bus.message.SocketMessage.Absent;
import dev.herald.bus.message.SocketMessage.AbsentQuery;
import dev.herald.bus.message.SocketMessage.CloseSessions;
import dev.herald.bus.message.SocketMessage.Place;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.bus.message.SocketMessage.PushEvent;
import dev.herald.bus.message.SocketMessage.Pushes;
import dev.herald.bus.message.SocketMessage.Wake;
import dev.herald.model.Expiry;
import dev.herald.model.Payload;
import dev.herald.socket.delivery.RecvForms;
import dev.herald.trail.Trail;
import dev.herald.wire.Frame;
import io.vertx.core.Future;

/** What other verticles tell and ask of the clients of one instance, brought to the sessions that it is for. */
final class Dispatch {
    private final Sessions sessions;
    private final Trail trail;
    private final NodeUsers users;
    private final Service service;

    Dispatch(SocketContext context, NodeInstances instances) {
        this.sessions = context.sessions();
        this.trail = context.trail();
        this.users = NodeUsers.of(context.vertx());
        this.service = new Service(context.bus())
                .hear(Addresses.SOCKETS_WAKE, this::wake)
                .hear(Addresses.SOCKETS_REPLAY, changed -> sessions.all().forEach(Session::replay))
                .hear(Addresses.SOCKETS_PUSH, this::push)
                .hear(Addresses.SOCKETS_EVENT, this::tell)
                .hear(Addresses.SOCKETS_CLOSE, this::kick)
                .hear(Addresses.STATES_CHANGED, context.watching()::take)
                .hear(Addresses.WATCH_LIST_CHANGED, changed -> sessions.of(changed.uid())
                        .forEach(session -> session.refreshWatch()))
                .serve(Addresses.SOCKETS_REPORT, asked -> instances.report())
                .serve(Addresses.SOCKETS_ABSENT, this::absent)
                .serve(Addresses.SOCKETS_LIST, instances::list);
    }

    /** Done when all of it is heard. */
    Future<?> ready() {
        return service.ready();
    }

    Future<?> stop() {
        return service.close();
    }

    private void wake(Wake wake) {
        for (Place place : wake.places()) {
            for (Session session : sessions.of(place.uid())) {
                session.wake(wake.command(), place.seq());
            }
        }
    }

    private void push(Pushes pushes) {
        pushes.list().forEach(this::push);
    }

    private void push(Push push) {
        if (Expiry.isOver(push.delivery().timestampSeconds(), push.delivery().expireSeconds())) {
            return;
        }
        RecvForms forms = new RecvForms(push.delivery());
        int receivers = 0;
        for (Session session : sessions.of(push.uids())) {
            boolean wasThere = !push.late() || session.wasThere(push.delivery().timestampSeconds());
            if (wasThere && session.info().id() != push.skipSession()) {
                session.push(forms.of(session.info().uid()));
                receivers++;
            }
        }
        if (receivers > 0) {
            trail.pushed(push.delivery().messageId(), receivers);
        }
    }

    private void tell(PushEvent told) {
        Frame.Event event = new Frame.Event(told.id(), told.type(), told.timestampMillis(), Payload.of(told.data()));
        sessions.of(told.uids()).forEach(session -> session.tell(event));
    }

    private void kick(CloseSessions close) {
        for (long id : close.ids()) {
            sessions.byId(id).ifPresent(session -> session.kick(close.silent(), close.text()));
        }
    }

    private Future<Absent> absent(AbsentQuery asked) {
        return Future.succeededFuture(new Absent(users.absent(asked.uids())));
    }
}
