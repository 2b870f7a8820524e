/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* C++: its streams, and what its runtime says. */
#include <iostream>
#include <stdexcept>
#include <thread>

extern "C" {
#include "way.h"
}

WAY(cerr, 0)
{
	std::cerr << "cerr " << 1 << ' ' << 2.5 << '\n';
}

WAY(cerr_endl, 0)
{
	std::cerr << "cerr_endl" << std::endl;
}

WAY(clog, 0)
{
	std::clog << "clog" << std::endl;
}

WAY(clog_at_exit, WAY_MAIN)
{
	std::clog << "clog_at_exit\n";
}

WAY(wcerr, WAY_MAIN)
{
	std::wcerr << L"wcerr\n";
}

WAY(cerr_without_sync, WAY_MAIN)
{
	std::ios::sync_with_stdio(false);
	std::cerr << "cerr_without_sync\n";
}

WAY(std_thread, 0)
{
	std::thread([] { std::cerr << "std_thread\n"; }).join();
}

WAY(terminate, WAY_MAIN)
{
	throw std::runtime_error("terminate");
}

struct Late {
	~Late()
	{
		std::cerr << "thread_local destructor\n";
	}
};

WAY(thread_local_destructor, 0)
{
	std::thread([] {
		static thread_local Late late;
		(void)&late;
	}).join();
}
